"""How probable each option of a question is, by the log-probabilities of the first token of a chat model's answer.

A question's options are written so that no two begin with the same sign (macros/internal/_question.sql). Whatever the tokens of a model
are, each then is the beginning of one option at most, and one token tells them apart.
Format: https://platform.openai.com/docs/api-reference/chat/create, `logprobs` and `top_logprobs`; so do llama.cpp's server and vLLM.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.providers.base import GIVE_PROBABILITIES
from dbt_ai.questions import Question, normalised, probabilities_text, read_questions
from dbt_ai.response import Failure, Responses
from dbt_ai.tokens import TokenCount

# OpenAI gives no more. What is not among so many of the likeliest tokens counts as 0. An endpoint that takes no such number is asked for
# fewer by the parameter `top_logprobs`.
MOST_TOKENS = 20
# Options that have less of the probability together were not what the model was about to write: their shares would be noise.
LEAST_MASS = 0.01
# A server may list fewer than it was asked for, down to the one that it chose. What an option that is missing there may have at most, as a
# share of what all options have: beyond it the answer would be sure of what nobody knows.
MOST_UNKNOWN = 0.05
# A logarithm of a probability is 0 at most, but for what rounding adds. What is above is some other number, such as a logit.
ROUNDING = 0.001
# What bounds the length of an answer, one of which is sent.
_BOUNDS = ("max_completion_tokens", "max_tokens")


def require_one_question(call: Call) -> None:
    """Raises ConfigurationError for several questions at a time: a token answers one."""
    if len(call.questions) > 1 and not call.one_by_one:
        raise ConfigurationError(
            f"{call.function} asks external model {call.model.name!r} {len(call.questions)} questions in one request, and log-probabilities"
            f" of api_format {call.model.api_format!r} answer one; ask one, or use a model of api_format System One or OpenAI Decisions"
        )


def logprobs_parameters(call: Call) -> dict[str, Any]:
    """The parameters of the request: one token, with the likeliest in its place.

    >>> from dbt_ai.providers import ExternalModel
    >>> model = ExternalModel("llm", "https://ai.acme.example/v1/chat/completions", "OpenAI", "CHAT", "acme-large")
    >>> logprobs_parameters(Call("ai_filter", model, {"max_tokens": 80, "top_logprobs": 5}))
    {'top_logprobs': 5, 'max_tokens': 1, 'logprobs': True}
    """
    named = next((name for name in _BOUNDS if name in call.parameters), "max_tokens")
    kept = {name: value for name, value in call.parameters.items() if name not in _BOUNDS}
    return {"top_logprobs": MOST_TOKENS, **kept, named: 1, "logprobs": True}


def read_logprobs(call: Call, choice: Mapping[str, Any], tokens: TokenCount) -> Responses:
    """The probabilities of the options of the call's one question, from `choices[0]`. Raises ProviderError where there are none to read."""
    [question] = read_questions(call.questions)
    likeliest = _likeliest(choice)
    if not likeliest:
        problem = f"the endpoint answered no log-probabilities, of which {call.function} makes its answer; {GIVE_PROBABILITIES}"
        raise ProviderError(problem, for_all=True, tokens=tokens)
    weights = _weights(question, likeliest)
    whole = math.fsum(weights.values())
    if whole < LEAST_MASS:
        return Responses([None], {0: _something_else(question, likeliest[0][0])}, tokens)
    unlisted = next((written for written, weight in zip(question.written, weights.values(), strict=True) if not weight), None)
    if unlisted is not None and _most_unlisted(likeliest) > MOST_UNKNOWN * whole:
        asked = logprobs_parameters(call)["top_logprobs"]
        return Responses([None], {0: _not_listed(unlisted, len(likeliest), asked)}, tokens)
    return Responses([probabilities_text({question.name: normalised(weights)})], {}, tokens)


def _likeliest(choice: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The likeliest first tokens with their probabilities, likeliest first; empty where the endpoint gives none."""
    logprobs = choice.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    first = content[0] if isinstance(content, list) and content else None
    listed = first.get("top_logprobs") if isinstance(first, Mapping) else None
    found: dict[str, float] = {}
    for entry in listed[:1000] if isinstance(listed, list) else ():
        token, logprob = (entry.get("token"), entry.get("logprob")) if isinstance(entry, Mapping) else (None, None)
        if isinstance(token, str) and isinstance(logprob, (int, float)) and not isinstance(logprob, bool) and logprob <= ROUNDING:
            found[token] = math.exp(min(float(logprob), 0.0))
    return sorted(found.items(), key=lambda pair: -pair[1])


def _weights(question: Question, likeliest: Sequence[tuple[str, float]]) -> dict[str, float]:
    """The probability of each option: of all tokens with which it begins.

    Not of one that the whole option, a token too, begins with: a model writes what is one token in one, so `n` beside `negative` is the
    beginning of another word. Measured by benchmarks/sentiment.py.
    """
    weights = dict.fromkeys(question.options, 0.0)
    begun = [(token, probability, _option_begun(question, token)) for token, probability in likeliest]
    whole = [token for token, _, option in begun if option is not None and _is_whole(question, option, token)]
    for token, probability, option in begun:
        if option is not None and not any(longer != token and longer.startswith(token) for longer in whole):
            weights[option] += probability
    return weights


def _option_begun(question: Question, token: str) -> str | None:
    """The option that an answer beginning with this token is: letter case, white space and quotation marks do not count."""
    begun = _letters(token)
    if not begun:
        return None
    for option, written in zip(question.options, question.written, strict=True):
        if written.strip().casefold().startswith(begun):
            return option
    return None


def _is_whole(question: Question, option: str, token: str) -> bool:
    return _letters(question.written[question.options.index(option)]) == _letters(token)


def _letters(token: str) -> str:
    return token.strip(" \n\t▁Ġ\"'`*.,:;)").casefold()


def _most_unlisted(likeliest: Sequence[tuple[str, float]]) -> float:
    """The largest probability that a token may have which is not among the listed ones; 0 where those are as many as OpenAI lists."""
    if len(likeliest) >= MOST_TOKENS:
        return 0.0
    return min(max(1.0 - math.fsum(probability for _, probability in likeliest), 0.0), likeliest[-1][1])


def _not_listed(option: str, listed: int, asked: Any) -> Failure:
    problem = (
        f"the endpoint listed {listed} of the {asked} likeliest tokens that were asked for, and {option!r} is not among them, so that"
        " its probability is not known; allow more where the server is configured (vLLM: --max-logprobs)"
    )
    return Failure("too few log-probabilities", problem)


def _something_else(question: Question, token: str) -> Failure:
    options = ", ".join(map(repr, question.written))
    thinks = token.strip().startswith("<")
    instead = "have it answer without thinking" if thinks else "say in the instructions that it answers with one of them only"
    problem = f"the model was about to begin its answer with {token[:40]!r}, and not with one of {options}: {instead}"
    return Failure("answer is none of the options", problem)
