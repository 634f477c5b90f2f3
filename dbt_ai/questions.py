"""Questions with a closed list of answers, each of which gets a probability, and what the probabilities say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Digits after the point of what is stored: an answer is read by people, and no endpoint knows more.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a macro wrote it: macros/internal/_question.sql.

    options: what is chosen among: "true" and "false", labels, or levels in their order.
    descriptions: what each option means, "" where nothing is said. written: how a chat model writes each option: no two begin alike.
    values: the number of each option; empty for labels.

    >>> [question] = read_questions([{"name": "angry", "type": "yes_no", "instructions": "Is the customer angry?"}])
    >>> question.options
    ('true', 'false')
    """

    name: str
    kind: str
    instructions: str
    options: tuple[str, ...]
    descriptions: tuple[str, ...]
    written: tuple[str, ...]
    values: tuple[float, ...] = ()


def read_questions(given: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """The questions of a call, as the macros write them into it."""
    return tuple(_question(question) for question in given)


def probabilities_text(probabilities: Mapping[str, Mapping[str, float]]) -> str:
    """What a provider answers: JSON of question -> option -> probability."""
    return json.dumps(probabilities, ensure_ascii=False)


def decided(questions: Sequence[Question], text: str, *, all: bool) -> str:
    """The answer that SQL sees, as text that casts to its type, made of what a provider answered.

    all: a struct with a field for each question, as ai_decide gives; else the one question's own answer.
    Raises ValueError for what are not probabilities of these questions.
    """
    found = json.loads(text)
    answers = {question.name: _answer(question, found[question.name]) for question in questions}
    if all:
        return json.dumps(answers, ensure_ascii=False)
    [question] = questions
    answer = answers[question.name]
    if question.kind == "choice":
        return json.dumps(
            {"label": answer["choice"], **{name: answer[name] for name in ("confidence", "probabilities")}}, ensure_ascii=False
        )
    return json.dumps(answer["score" if question.kind == "score" else "probability"])


def normalised(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights as shares of their sum. Raises ValueError where they have none."""
    whole = math.fsum(weights.values())
    if not whole > 0 or math.isinf(whole) or min(weights.values()) < 0:
        raise ValueError(f"{dict(weights)} are not probabilities")
    return {option: weight / whole for option, weight in weights.items()}


def _question(given: Mapping[str, Any]) -> Question:
    name, kind, instructions = given["name"], given["type"], given.get("instructions") or ""
    if kind == "yes_no":
        said = given.get("choices") or {}
        options, values = ("true", "false"), (1.0, 0.0)
        return Question(name, kind, instructions, options, tuple(said.get(option) or "" for option in options), options, values)
    if kind == "choice":
        choices = given["choices"]
        options = tuple(choices)
        return Question(
            name, kind, instructions, options, tuple(choices[option] or "" for option in options), tuple(given.get("written") or options)
        )
    levels = tuple(given["levels"])
    low, high = given["low"], given["high"]
    written = tuple(given["written"])
    values = tuple(low + (high - low) * place / (len(levels) - 1) for place in range(len(levels)))
    return Question(name, kind, instructions, written, levels, written, values)


def _answer(question: Question, weights: Mapping[str, float]) -> dict[str, Any]:
    """The reading of one question: what is likeliest, how likely it is, or the mean of the levels."""
    shares = normalised({option: float(weights.get(option, 0.0)) for option in question.options})
    likeliest = max(shares, key=shares.__getitem__)
    rounded = {option: round(share, _DIGITS) for option, share in shares.items()}
    if question.kind == "yes_no":
        return {"probability": rounded["true"]}
    detail = {"confidence": rounded[likeliest], "probabilities": rounded}
    if question.kind == "choice":
        return {"choice": likeliest, **detail}
    mean = math.fsum(share * value for share, value in zip(shares.values(), question.values, strict=True))
    return {"score": round(mean, _DIGITS), **detail}
