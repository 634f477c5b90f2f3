"""Decision models behind `POST …/v1/systemone`: TypeSafe's Jev, Ollama 0.35 and later, llama.cpp's server, and everything compatible.

One request asks any number of questions about one text. No text is written: each answer is the probability of every option.
Format: https://docs.typesafe.ai, https://console.upstage.ai/api/systemone, and the specification that jevcompat 0.1.1 (PyPI) tests.
Tried against callo 0.3.1 (PyPI) in front of llama.cpp's server with SmolLM2-135M; never called at TypeSafe.
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
from dbt_ai.questions import Question, probabilities_text, read_questions
from dbt_ai.response import Responses

USAGE = UsageNames(input=(("input_tokens",),), output=(("output_tokens",),), cached_input=(("input_tokens_details", "cached_tokens"),))

# A softmax in 16 bits gives sums of 1.0005.
ROUNDING = 0.001
# What is asked where the SQL gives the options alone: the format wants instructions.
ASKED = {"choice": "Which of the options fits the text best?", "score": "Which of the levels fits the text best?"}


class SystemOne(EndpointProvider):
    """DECISIONS at …/v1/systemone.

    >>> SystemOne().model_types
    ('DECISIONS',)
    """

    api_format = "System One"
    model_types = ("DECISIONS",)

    def check(self, model: ExternalModel) -> None:
        if called_url(model).path[-1:] != ("systemone",):
            raise wrong_location(model, "https://{server}/v1/systemone")

    def check_questions(self, call: Call) -> None: ...

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        questions = {question.name: _asked(question) for question in read_questions(call.questions)}
        body = {"model": call.model.model, **call.parameters, "state": inputs[0], "questions": questions}
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        answers = document.get("answers")
        if not isinstance(answers, Mapping):
            raise missing(document, "the answer holds no object under 'answers'; is the location a systemone endpoint?")
        probabilities = {question.name: _probabilities(question, answers.get(question.name)) for question in read_questions(call.questions)}
        return Responses([probabilities_text(probabilities)], tokens=read_usage(document.get("usage"), USAGE, call, inputs, ""))


def _asked(question: Question) -> dict[str, Any]:
    described = dict(zip(question.options, (text or None for text in question.descriptions), strict=True))
    if question.kind == "yes_no":
        return {"type": "noul", "instructions": question.instructions}
    criteria = described if question.kind == "choice" else list(question.descriptions)
    return {"type": question.kind, "instructions": question.instructions or ASKED[question.kind], "criteria": criteria}


def _probabilities(question: Question, answer: Any) -> dict[str, float]:
    """The probability of each option. Raises ProviderError for an answer that is none."""
    said: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
    if question.kind == "yes_no":
        # Databricks names it `probability`.
        yes = probability(question, said.get("noul", said.get("probability")))
        return {"true": yes, "false": 1.0 - yes}
    listed = said.get("probabilities")
    listed = listed if isinstance(listed, Mapping) else {}
    names = question.options if question.kind == "choice" else [str(place) for place in range(len(question.options))]
    return {option: probability(question, listed.get(name)) for option, name in zip(question.options, names, strict=True)}


def probability(question: Question, value: Any) -> float:
    """A number from 0 to 1, from outside, but for what rounding adds. Raises ProviderError for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and -ROUNDING <= value <= 1 + ROUNDING:  # false for NaN
        return min(max(float(value), 0.0), 1.0)
    raise ProviderError(f"the endpoint answered {str(value)[:40]!r} as a probability of question {question.name!r}, which is none")
