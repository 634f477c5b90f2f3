from __future__ import annotations

import json
from collections.abc import Iterable

from dbt_ai.plan import Passing, Plan
from dbt_ai.request import Call, Job, parse_call


def call_of(function: str) -> Call:
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
    return parse_call(json.dumps({"function": function, "model": model}))


class Executor:
    """Answers from `stored`, and notes what it would have to pay for."""

    def __init__(self, stored: dict[str, str]) -> None:
        self.stored = stored
        self.paid: list[str] = []

    def job(self, call: Call, inputs: Iterable[str]) -> Job:
        inputs = list(inputs)
        return Job(call, inputs, call.keys(inputs))

    def recall(self, jobs, answers) -> None:
        for job in jobs:
            known = [text for text in job.inputs if text in self.stored]
            answers[job.call].add(known, [self.stored[text] for text in known], {})

    def execute(self, jobs, answers, exact, cancelled) -> None:
        for job in jobs:
            self.paid += job.inputs
            answers[job.call].add(job.inputs, [f"answer to {text}" for text in job.inputs], {})


def test_a_branch_that_stored_answers_rule_out_is_not_asked():
    """case when ai_query(is it spam) = 'spam' then null else ai_query(summary) end, in the second run."""
    spam, summary = call_of("ai_query"), call_of("ai_summarize")

    def run_pass(kind: Passing) -> int:
        answers = plan.answers_to(spam)
        if not answers.knows("letter"):
            plan.note(spam, ["letter"], strict=True)
        known = answers.texts[answers.slots["letter"]] if answers.knows("letter") else None
        if known != "spam":
            plan.note(summary, ["letter"], strict=True)
        return 1

    class Recalling(Executor):
        def recall(self, jobs, answers) -> None:
            super().recall([job for job in jobs if job.call is spam], answers)

    executor = Recalling({"letter": "spam"})
    plan = Plan("node", run_pass, executor)
    plan.run()
    assert executor.paid == []
