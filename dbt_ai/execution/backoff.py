"""How often a request that broke is sent again, and after how long."""

from __future__ import annotations

import random

from dbt_ai.call import Call

ATTEMPTS = 6
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0


def attempts_of(call: Call) -> int:
    """How often a broken request is sent."""
    return ATTEMPTS if call.model.retry_count is None else call.model.retry_count + 1


def backoff(attempt: int, asked: float | None) -> float:
    """Seconds before attempt number `attempt` + 1, with full jitter; at least what the endpoint asked for.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return max(asked or 0.0, random.uniform(0.0, min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt)))
