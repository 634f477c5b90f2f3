"""What answers say about limits: Retry-After, and what is left of the requests and tokens of a time.

Formats: RFC 9110 10.2.3 for Retry-After; OpenAI (`x-ratelimit-remaining-requests: 99`, `x-ratelimit-reset-tokens: 6m0s`),
Anthropic (`anthropic-ratelimit-tokens-reset: 2026-01-27T12:00:00Z`), the IETF draft (`RateLimit-Remaining: 9`,
`RateLimit-Reset: 50`, draft-ietf-httpapi-ratelimit-headers), and gateways that write the moment of the reset
(`X-RateLimit-Reset: 1741305600000`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

# A header that asks for more than an hour is a broken clock more often than a limit.
LONGEST = 3600.0
# A number this close to the present is a moment of Unix time, not a number of seconds.
YEAR = 366 * 24 * 3600.0

# The longest form of a time is a date of HTTP, with 29 characters. A header may have 64 KB.
LONGEST_TEXT = 64

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
# Of each family of headers, the names for what remains, for the limit, and for when it is whole again.
_FAMILIES = {
    kind: [tuple(family.format(word) for word in ("remaining", "limit", "reset")) for family in families]
    for kind, families in (
        ("requests", ("x-ratelimit-{}-requests", "anthropic-ratelimit-requests-{}", "ratelimit-{}", "x-ratelimit-{}")),
        ("tokens", ("x-ratelimit-{}-tokens", "anthropic-ratelimit-tokens-{}")),
    )
}


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one limit. kind: requests or tokens. reset: seconds until it is whole again."""

    kind: str
    limit: float | None
    remaining: float
    reset: float | None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, None where the answer does not say. headers: names in lower case.

    What has nothing left says when it is whole again; Retry-After comes first.
    """
    milliseconds = _number(headers.get("retry-after-ms"))  # Azure OpenAI's finer sibling
    if milliseconds is not None:
        return min(max(milliseconds / 1000, 0.0), LONGEST)
    asked = _seconds(headers.get("retry-after"), headers)
    if asked is not None:
        return asked
    return max((left.reset for left in limits_left(headers) if left.remaining < 1 and left.reset is not None), default=None)


def limits_left(headers: Mapping[str, str]) -> Iterator[Left]:
    """headers: names in lower case."""
    for kind, families in _FAMILIES.items():
        for named_remaining, named_limit, named_reset in families:
            remaining = _number(headers.get(named_remaining))
            if remaining is not None and remaining >= 0:
                yield Left(kind, _number(headers.get(named_limit)), remaining, _seconds(headers.get(named_reset), headers))
                break


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds(text: str | None, headers: Mapping[str, str]) -> float | None:
    """`20`, `1.5s`, `6m0s`, `250ms`, an HTTP date, an ISO time, or Unix time in seconds or milliseconds; None for anything else."""
    if not text or len(text) > LONGEST_TEXT:
        return None
    number = _number(text)
    if number is None:
        number = _span(text)
    else:
        for unix in (number, number / 1000):
            if abs(unix - datetime.now(timezone.utc).timestamp()) < YEAR:
                number = unix - _its_present(headers).timestamp()
                break
    if number is None:
        moment = _moment(text)
        number = None if moment is None else (moment - _its_present(headers)).total_seconds()
    return None if number is None else min(max(number, 0.0), LONGEST)


def _its_present(headers: Mapping[str, str]) -> datetime:
    """The present by the clock of who names a moment: that of this machine may be wrong."""
    written = headers.get("date", "")
    return (_moment(written) if 0 < len(written) <= LONGEST_TEXT else None) or datetime.now(timezone.utc)


def _span(text: str) -> float | None:
    parts = _SPAN.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return None
    return float(sum(float(amount) * _SECONDS[unit] for amount, unit in parts))


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, lambda iso: datetime.fromisoformat(iso.replace("Z", "+00:00"))):
        try:
            moment = read(text)
        except (ValueError, OverflowError):  # a time zone of twenty digits
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return None
