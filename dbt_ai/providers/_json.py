"""The JSON that an endpoint answers."""

from __future__ import annotations

from json import JSONDecodeError
from typing import Any

from dbt_ai.errors import ProviderError
from dbt_ai.outside_json import parse
from dbt_ai.providers._errors import error_in
from dbt_ai.providers.base import HttpResponse

# How a line of server-sent events begins: https://html.spec.whatwg.org/multipage/server-sent-events.html
_EVENTS = ("data:", "event:", "id:", "retry:", ":")


def read_json(response: HttpResponse) -> dict[str, Any]:
    """The JSON object of a 2xx response.

    Raises ProviderError for an object that is an error, and for anything else, quoting its beginning.

    >>> read_json(HttpResponse(200, {}, b'{"answer": "yes"}'))
    {'answer': 'yes'}
    """
    try:
        document = parse(response.body)
    except JSONDecodeError as problem:
        begins = response.body[:80].decode("utf-8", "replace")
        # Events of a server, or one JSON document a line.
        if begins.lstrip("\ufeff\r\n ").startswith(_EVENTS) or (begins.startswith("{") and "Extra data" in str(problem)):
            raise ProviderError("the endpoint streams although it was not asked to; is there a proxy in between?", for_all=True) from None
        # A page of a gateway, or a body that broke off: neither says anything of the request.
        page = "; is there a login page or a proxy in between?" if begins.lstrip().startswith("<") else ""
        raise ProviderError(f"the answer is not JSON but begins {begins!r}{page}", retryable=True) from None
    except ValueError as problem:
        raise ProviderError(f"the answer cannot be read: {problem}") from None
    error = error_in(document)
    if error is not None:
        raise error.raised()
    if not isinstance(document, dict):
        raise ProviderError("the answer is JSON but not an object")
    return document
