"""What a refusal speaks of, read from its words: of how something was asked, or of what was asked."""

from __future__ import annotations

import re
from enum import Enum

from dbt_ai.errors import ProviderError


class Subject(Enum):
    """UNEXPLAINED: the words fit anything, so what the endpoint never accepted may be to blame.

    >>> subject_of(ProviderError("'temperature' does not support 0.0 with this model.", status=400)).name
    'TEMPERATURE'
    """

    MEANS = "the way in which the schema is told, or a vector written"
    TEMPERATURE = "the temperature"
    LIMIT = "the name of the limit on an answer"
    SYSTEM = "the role of a message"
    UNEXPLAINED = "anything"
    CONTENT = "this text"


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# A list of texts where one text is taken: pydantic, FastAPI, Go, and those who write their own words.
_ONE_TEXT = (
    r"\binput\b.{0,80}\bstr(ing)?\b", r"\b(list|array)s?\b.{0,60}\b(str(ing)?|not (supported|allowed))\b", r"unmarshal array",
    r"\b(got|received|not) (an? )?(list|array)\b",
    r"\b(one|a single) (text|input|string)\b",
)  # fmt: skip
# OpenAI names response_format, pydantic the path to it, Anthropic output_config or its tools; engines speak of grammars and of guided
# decoding, embedding servers of base64.
_MEANS = _words(
    r"response_?format", r"encoding_?format", r"output_config", r"json[_ ]?(schema|object|mode)", r"\bbase64\b",
    r"\bguided", r"\bgrammar", r"\bstructured.?outputs?\b", r"tool_choice", r"forced? tool", *_ONE_TEXT,
)  # fmt: skip
_TEMPERATURE = _words(r"\btemperature\b")
# OpenAI's models that think take max_completion_tokens only, older servers max_tokens only.
_LIMIT = _words(
    r"\bmax_(completion_)?tokens\b[^.]{0,80}\b(unsupported|not supported|does(n't| not) support|not permitted|unrecogni[sz]ed|unknown)\b",
    r"\b(unsupported|unrecogni[sz]ed|unknown|unexpected|extra)\b[^.]{0,80}\bmax_(completion_)?tokens\b",
    r"\buse\b[^.]{0,20}\bmax_(completion_)?tokens\b",
)
# Chat templates of Gemma and Mistral, the Gemini API ("Developer instruction is not enabled"), servers that list the roles they take.
_SYSTEM = _words(
    r"\bsystem[ _-]?(role|message|prompt|instruction)", r"\brole\b[^.]{0,80}\bsystem\b", r"\bdeveloper[ _-]?(role|message|instruction)",
    r"\broles must alternate\b", r"\bonly[^.]{0,40}\buser\b[^.]{0,40}\bassistant\b",
)  # fmt: skip
# Words that may mean the means: Ollama says format, Anthropic tools; or that a parameter is not taken, whichever it is.
_PARAMETERS = _words(
    r"\b(format|schema|tools?|parameters?|arguments?|fields?|options?|property)\b",
    r"\b(unsupported|not supported|does(n't| not) support|not permitted|extra inputs|unrecogni[sz]ed)\b",
)
_CONTENT = _words(
    r"\b(contents?|texts?|messages?|tokens?|context|length|polic(y|ies)|safety|flagged|blocked|languages?|characters?)\b",
    r"\b(prompt|moderat|harm)",
    r"\btoo (long|large|many|short)\b",
)
_NOTHING_SAID = _words(r"\b(invalid|bad request|malformed|unprocessable|not understood|was refused)\b", r"\bHTML page\b")
_NAMED = ((_LIMIT, Subject.LIMIT), (_MEANS, Subject.MEANS), (_TEMPERATURE, Subject.TEMPERATURE), (_SYSTEM, Subject.SYSTEM))
# A sentence of fewer words explains nothing.
_EXPLAINS = 4

# An unexplained refusal has one of these: that it was not understood, that the server broke on it, or that it cannot do it.
_NOT_UNDERSTOOD = frozenset({400, 422})
_BROKE = frozenset({200, 500, 501})
# OpenRouter answers 404 where no provider takes the parameters.
_NO_SUCH = frozenset({404, 405})

# Statuses that usually mean something else, but may be healed by a plainer way of asking.
MAY_BE_THE_MANNER = (_BROKE | _NO_SUCH) - {200}


def subject_of(refusal: ProviderError) -> Subject:
    """What a refusal speaks of."""
    words = str(refusal)
    for pattern, subject in _NAMED:
        if pattern.search(words):
            return subject
    return Subject.UNEXPLAINED if _is_unexplained(words, refusal.status) else Subject.CONTENT


def _is_unexplained(words: str, status: int | None) -> bool:
    if status in _NO_SUCH:
        return bool(_PARAMETERS.search(words))
    if status == 200:  # an answer of another shape, in our own words
        return True
    if _CONTENT.search(words):
        return False
    if status in _BROKE:
        return True
    return status in _NOT_UNDERSTOOD and bool(len(words.split()) <= _EXPLAINS or _PARAMETERS.search(words) or _NOTHING_SAID.search(words))
