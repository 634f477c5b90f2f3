from __future__ import annotations

import json
from collections.abc import Iterable

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.plan import PassKind, Plan
from dbt_ai.request import Requests


def call_of(function: str) -> Call:
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
    return parse_call(json.dumps({"function": function, "model": model}))


class AnswerSource:
    """Answers from `stored`, and notes what it would have to pay for."""

    def __init__(self, stored: dict[str, str]) -> None:
        self.stored = stored
        self.paid: list[str] = []

    def requests(self, call: Call, inputs: Iterable[str]) -> Requests:
        inputs = list(inputs)
        return Requests(call, inputs, call.keys(inputs))

    def named(self, text: str) -> str:
        return repr(text)

    def recall(self, work, answers) -> None:
        for requests in work:
            known = [text for text in requests.inputs if text in self.stored]
            answers[requests.call].add(known, [self.stored[text] for text in known], {})

    def execute(self, work, answers, exact, cancelled) -> None:
        for requests in work:
            self.paid += requests.inputs
            answers[requests.call].add(requests.inputs, [f"answer to {text}" for text in requests.inputs], {})


def test_a_branch_that_stored_answers_rule_out_is_not_asked():
    """case when ai_query(is it spam) = 'spam' then null else ai_query(summary) end, in the second run."""
    spam, summary = call_of("ai_query"), call_of("ai_summarize")

    def run_pass(kind: PassKind) -> int:
        answers = plan.answers_to(spam)
        if not answers.knows("letter"):
            plan.note(spam, ["letter"], strict=True)
        known = answers.texts[answers.slots["letter"]] if answers.knows("letter") else None
        if known != "spam":
            plan.note(summary, ["letter"], strict=True)
        return 1

    class Recalling(AnswerSource):
        def recall(self, work, answers) -> None:
            super().recall([requests for requests in work if requests.call is spam], answers)

    source = Recalling({"letter": "spam"})
    plan = Plan("node", run_pass, source)
    plan.run()
    assert source.paid == []


def test_a_nested_answer_that_is_stored_is_not_paid_again_because_another_row_is_new():
    """ai_query(ai_summarize(body)) over the rows old and new, of which old has both answers stored."""
    inner, outer = call_of("ai_summarize"), call_of("ai_query")

    def run_pass(kind: PassKind) -> int:
        known = plan.answers_to(inner)
        for text in ("old", "new"):
            if known.knows(text):
                plan.note_unless_known(outer, known.texts[known.slots[text]])
            else:
                plan.note(inner, [text], strict=True)
                if kind is PassKind.REHEARSE:
                    plan.note_unless_known(outer, f"mock of {text}")
        return 2

    class NotingPlan(Plan):
        def note_unless_known(self, call: Call, text: str) -> None:
            if not self.answers_to(call).knows(text):
                self.note(call, [text], strict=True)

    source = AnswerSource({"old": "old summary", "old summary": "old answer"})
    plan = NotingPlan("node", run_pass, source)
    plan.run()
    assert source.paid == ["new", "answer to new"]
