"""What an endpoint says when it gives no answer. Everybody has a shape of their own for it, and some send it with status 200."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.errors import ProviderError
from dbt_ai.outside_json import parse
from dbt_ai.tokens import TokenCount

# Words are shown in messages and compared with one another; more than this is a page or a trace.
MOST_CHARACTERS = 300

HTML_PAGE = "an HTML page"

# Where the words stand: OpenAI and most others; FastAPI, Hugging Face; RFC 9457; Baidu, MiniMax, Cloudflare; AWS.
_WORDS = ("message", "msg", "detail", "error_description", "error_msg", "status_msg", "errorMessage", "title", "reason", "error", "Message")
# Where the code stands, numbers before names.
_CODES = ("code", "status", "statusCode", "status_code", "http_status", "error_code", "errorCode", "type", "error_type", "reason")

# Where an error stands in a document that came with status 200.
_HOLDERS = frozenset(("error", "errors", "error_code", "errorCode", "error_msg", "errorMessage"))


def _table(*rows: tuple[str, int]) -> Sequence[tuple[re.Pattern[str], int]]:
    return tuple((re.compile(pattern, re.IGNORECASE), status) for pattern, status in rows)


# What the names of codes mean as a status of HTTP. The first that matches counts.
_NAMES = _table(
    (r"insufficient.?(quota|balance|credit)|billing|payment", 402),
    (r"rate.?limit|too.?many.?requests|resource.?exhausted|throttl|quota", 429),
    (r"overload|unavailable|capacity|loading", 503),
    (r"time.?out|deadline", 504),
    (r"unauthenticated|unauthori[sz]ed|authentication|api.?key", 401),
    (r"permission|forbidden|access.?denied", 403),
    (r"too.?large", 413),
    (r"not.?found", 404),
    (r"internal|server.?error|upstream|api.?error|bad.?gateway", 502),
)
# What the words mean where there is no code: only what can hardly be said of the text of a row.
_SAID = _table(
    (r"insufficient (quota|balance|credit)|out of credit", 402),
    (r"rate.?limit|too many requests", 429),
    (r"overloaded|temporarily unavailable|(service|server|model) (is )?(currently )?(busy|unavailable|loading)", 503),
    (r"time.?out|timed out", 504),
    (r"(invalid|incorrect) api key|api key (is )?(not valid|invalid)", 401),
    (r"model \S{1,80} (was )?(not found|does not exist)", 404),
    (r"internal (server )?error|upstream|bad gateway|unexpected error|try again", 502),
)
_TITLE = re.compile(r"<title[^>]{0,100}>([^<]{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EndpointError:
    """words: the endpoint's own, shortened; may be empty. status: what its code means in HTTP, 400 where it has none.
    answer: what the model wrote, where the endpoint itself could not read that as the JSON it was asked for.

    >>> EndpointError("the model is overloaded", status=503).raised().status
    503
    """

    words: str
    status: int = 400
    answer: str | None = None

    def raised(self, tokens: TokenCount | None = None) -> ProviderError:
        """As the exception that a provider raises. tokens: what the exchange took all the same."""
        return ProviderError(self.words or "an error without words", status=self.status, answer=self.answer, tokens=tokens)


def missing(document: Mapping[str, Any], what: str) -> ProviderError:
    """The error for a 2xx document that has not what an answer of its format has: the endpoint's own words if it has some."""
    error = _described(document)
    return error.raised() if error.words else ProviderError(what)


def error_in(document: Any) -> EndpointError | None:
    """The error that a JSON document is, or None for any other document."""
    if isinstance(document, list) and len(document) == 1:  # Gemini
        [document] = document
    if not isinstance(document, dict):
        return None
    says_so = "error" in (document.get("object"), document.get("type")) or document.get("success") is False
    # Each answer is looked at, and hardly one has any of these names.
    holds_one = not _HOLDERS.isdisjoint(document) and any(_holds(document.get(name)) for name in _HOLDERS)
    inner = document.get("base_resp")
    if isinstance(inner, dict) and inner.get("status_code"):  # MiniMax
        return _described(inner)
    return _described(document) if says_so or holds_one else None


def words_of(status: int, body: bytes) -> EndpointError:
    """What a response that is not 2xx says. Never raises for what its body is."""
    text = body[:4096].decode("utf-8", "replace").strip()
    try:
        document = parse(body)
    except ValueError:
        return EndpointError(_page(text) if text.startswith("<") else text[:MOST_CHARACTERS], status)
    if isinstance(document, list) and len(document) == 1:
        [document] = document
    if not isinstance(document, Mapping):
        return EndpointError(_text(document), status)
    described = _described(document)
    return EndpointError(described.words or (text[:MOST_CHARACTERS] if document else ""), status, described.answer)


def _described(document: Mapping[str, Any]) -> EndpointError:
    holders = list(_holders(document))
    words = next((text for holder in holders for name in _WORDS if (text := _text(holder.get(name)))), "")
    inner = holders[0]
    if isinstance(inner.get("metadata"), Mapping):  # OpenRouter's own words say only that another provider refused
        words = _joined(words, _text(inner["metadata"].get("raw")))
    if isinstance(inner.get("param"), str) and inner["param"] not in words:
        words = f"{words} ({inner['param'][:60]})"
    answer = inner.get("failed_generation")
    if not isinstance(answer, str):
        answer = "" if inner.get("code") == "json_validate_failed" else None
    codes = [holder[name] for holder in holders for name in _CODES if isinstance(holder.get(name), (int, str))]
    if isinstance(document.get("error"), str) and " " not in document["error"]:  # OAuth: the name of the error, and a description beside it
        codes.append(document["error"])
    return EndpointError(words[:MOST_CHARACTERS], _status(codes, words), answer)


def _holders(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What may hold words and code, the innermost first."""
    errors = document.get("errors")
    for inner in (document.get("error"), errors[0] if isinstance(errors, list) and errors else None):
        if isinstance(inner, Mapping):
            yield inner
    yield document


def _holds(value: Any) -> bool:
    """Whether this is an error: some endpoints write the field in every answer, with nothing in it."""
    if isinstance(value, dict):
        return any(_holds(inner) for inner in value.values())
    return bool(value) and value not in ("0", "none", "None", "null")


def _status(codes: Sequence[int | str], words: str) -> int:
    for code in codes:
        number = int(code) if isinstance(code, int) or (code.isascii() and code.isdigit() and len(code) < 4) else 0
        if 400 <= number < 600:
            return number
    meant = [_meaning(_NAMES, code) for code in codes if isinstance(code, str)]
    return next(filter(None, [*meant, _meaning(_SAID, words)]), 400)


def _meaning(table: Sequence[tuple[re.Pattern[str], int]], text: str) -> int:
    return next((status for pattern, status in table if pattern.search(text[:MOST_CHARACTERS])), 0)


def _text(value: Any, deep: int = 4) -> str:
    """The words in a value: FastAPI lists what is wrong with each field, Mistral puts that list into an object."""
    if isinstance(value, str):
        quoted = _quoted(value) if value[:1] == "{" and deep else None
        return _text(quoted, deep - 1) or " ".join(value[: 2 * MOST_CHARACTERS].split())[:MOST_CHARACTERS]
    if isinstance(value, list) and deep:
        return "; ".join(filter(None, (_text(item, deep - 1) for item in value[:5])))[:MOST_CHARACTERS]
    if not isinstance(value, Mapping) or not deep:
        return ""
    words = next((text for name in _WORDS if (text := _text(value.get(name), deep - 1))), "")
    place = value.get("loc")
    if words and isinstance(place, list):
        return f"{'.'.join(map(str, place[:6]))}: {words}"
    return words


def _quoted(text: str) -> Any:
    """The error of another endpoint, which a gateway quotes as the text of its own."""
    try:
        return parse(text[:8192])
    except ValueError:
        return None


def _joined(words: str, more: str) -> str:
    return f"{words}: {more}" if words and more and more not in words else words or more


def _page(text: str) -> str:
    title = _TITLE.search(text)
    return f"{HTML_PAGE}, {' '.join(title[1].split())!r}" if title else HTML_PAGE
