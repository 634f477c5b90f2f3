"""OpenAI's decisions, `POST …/v1/decisions`, also spoken by Fireworks: several questions about one text in one request.

Format: https://developers.openai.com/api/reference/resources/decisions/methods/create, as openai 3.57.0 (PyPI) has it in its types
(openai/types/decision.py, decision_create_params.py). A public beta, never called from here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._errors import missing
from dbt_ai.providers._json import read_json
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, called_url, wrong_location
from dbt_ai.providers.openai import without_nulls
from dbt_ai.providers.system_one import ASKED, probability
from dbt_ai.questions import Question, probabilities_text, read_questions
from dbt_ai.response import Failure, Responses

USAGE = UsageNames(
    input=(("input_tokens",),),
    output=(("output_tokens",),),
    total=(("total_tokens",),),
    cached_input=(("input_tokens_details", "cached_tokens"),),
    cache_write=(("input_tokens_details", "cache_write_tokens"),),
)


class OpenAIDecisions(EndpointProvider):
    """DECISIONS at …/v1/decisions.

    >>> OpenAIDecisions().model_types
    ('DECISIONS',)
    """

    api_format = "OpenAI Decisions"
    model_types = ("DECISIONS",)

    def check(self, model: ExternalModel) -> None:
        if called_url(model).path[-1:] != ("decisions",):
            raise wrong_location(model, "https://{server}/v1/decisions")

    def check_questions(self, call: Call) -> None: ...

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        questions = [_asked(question) for question in read_questions(call.questions)]
        body = without_nulls({"model": call.model.model, **call.parameters, "input": inputs[0], "questions": questions})
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        answers, questions = document.get("answers"), read_questions(call.questions)
        if not isinstance(answers, list) or len(answers) != len(questions):
            raise missing(document, f"the answer holds no list of {len(questions)} under 'answers'; is the location a decisions endpoint?")
        tokens = read_usage(document.get("usage"), USAGE, call, inputs, "")
        probabilities = {}
        for question, answer in zip(questions, answers, strict=True):
            said: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
            if said.get("type") == "refusal":
                return Responses([None], {0: Failure("refused", f"the model refused to answer question {question.name!r}")}, tokens)
            probabilities[question.name] = _probabilities(question, said)
        return Responses([probabilities_text(probabilities)], tokens=tokens)


def _asked(question: Question) -> dict[str, Any]:
    if question.kind == "yes_no":
        return {"type": "predicate", "name": question.name, "instructions": question.instructions}
    asked = {"type": question.kind, "name": question.name, "instructions": question.instructions or ASKED[question.kind]}
    if question.kind == "score":
        return {**asked, "levels": [{"label": label} for label in question.descriptions]}
    described = zip(question.options, question.descriptions, strict=True)
    return {**asked, "choices": [{"value": value, **({"description": text} if text else {})} for value, text in described]}


def _probabilities(question: Question, answer: Mapping[str, Any]) -> dict[str, float]:
    """The probability of each option. Raises ProviderError for an answer that is none."""
    if question.kind == "yes_no":
        yes = probability(question, answer.get("probability"))
        return {"true": yes, "false": 1.0 - yes}
    listed = answer.get("probabilities")
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        raise ProviderError(f"the endpoint answered question {question.name!r} without a list under 'probabilities'")
    found = {entry.get("value"): entry.get("probability") for entry in listed if isinstance(entry.get("value"), (str, int))}
    values: Sequence[str | int] = question.options if question.kind == "choice" else range(len(question.options))
    return {option: probability(question, found.get(value)) for option, value in zip(question.options, values, strict=True)}
