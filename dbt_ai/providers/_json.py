"""The JSON that an endpoint answers."""

from __future__ import annotations

import re
from json import JSONDecodeError
from typing import Any

from dbt_ai.counted import counted
from dbt_ai.errors import ProviderError
from dbt_ai.outside_json import parse
from dbt_ai.providers._errors import error_in
from dbt_ai.providers.base import HttpResponse

# Of character sets those that are read in one pass, whatever the bytes are.
_CHARSET = re.compile(r"charset=\"?(iso-8859-\d+|latin-?1|windows-125\d|cp125\d|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr))\b", re.I)
# How a line of server-sent events begins: https://html.spec.whatwg.org/multipage/server-sent-events.html
_EVENTS = ("data:", "event:", "id:", "retry:", ":")


def read_json(response: HttpResponse) -> dict[str, Any]:
    """The JSON object of a 2xx response.

    Raises ProviderError for an object that is an error, and for anything else, quoting its beginning.

    >>> read_json(HttpResponse(200, {}, b'{"answer": "yes"}'))
    {'answer': 'yes'}
    """
    try:
        document = _document(response)
    except JSONDecodeError as problem:
        begins = response.body[:80].decode("utf-8", "replace")
        # Events of a server, or one JSON document a line.
        if begins.lstrip("\ufeff\r\n ").startswith(_EVENTS) or (begins.startswith("{") and problem.msg == "Extra data"):
            raise ProviderError("the endpoint streams although it was not asked to; is there a proxy in between?", for_all=True) from None
        # A page of a gateway, or a body that broke off: neither says anything of the request.
        raise ProviderError(_no_json(response.body, begins, problem), retryable=True) from None
    except ValueError as problem:
        raise ProviderError(f"the answer cannot be read: {problem}") from None
    error = error_in(document)
    if error is not None:
        raise error.raised()
    if not isinstance(document, dict):
        raise ProviderError(f"the answer is JSON but not an object, it begins {response.body[:80].decode('utf-8', 'replace')!r}")
    return document


def _document(response: HttpResponse) -> Any:
    """The JSON value of a body, also of one that does not say plainly what it is: in the character set that its header names, as JSON in a
    text of JSON, or with something behind it that is none."""
    try:
        document = parse(response.body)
    except JSONDecodeError as problem:
        behind = problem.doc[problem.pos :].lstrip("\0 \t\r\n") if problem.msg == "Extra data" else "{"
        # Another document is a stream's; "data: [DONE]", a comment or zero bytes are nobody's.
        if behind.startswith(("{", "[")):
            raise
        return parse(problem.doc[: problem.pos])
    except ValueError:
        named = _CHARSET.search(response.headers.get("content-type", ""))
        if named is None:
            raise
        try:
            return parse(response.body.decode(named[1]))
        except LookupError:
            raise ValueError(f"it is not UTF-8, and {named[1]!r} is not known") from None
    return parse(document) if isinstance(document, str) and document.lstrip().startswith("{") else document


def _no_json(body: bytes, begins: str, problem: JSONDecodeError) -> str:
    """What came back in the place of JSON."""
    if not body.strip():
        return "the answer is empty"
    # A string that does not end is found where it begins.
    if begins.lstrip().startswith(("{", "[")) and (problem.pos >= len(problem.doc.rstrip()) or "Unterminated" in problem.msg):
        return f"the answer breaks off after {counted(len(body), 'byte')}; it begins {begins!r}"
    page = "; is there a login page or a proxy in between?" if begins.lstrip().startswith("<") else ""
    return f"the answer is not JSON but begins {begins!r}{page}"
