"""What endpoints bore in earlier runs on this machine. The next run begins with that, instead of finding it out again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_ai.execution.window import FIRST_SIZE, LARGEST_SIZE
from dbt_ai.remembered import recall, remember

# What was learnt in these days counts in full: most projects run once a day. After that it counts half as much for each week.
FRESH = 2 * 24 * 3600.0
HALVED_AFTER = 7 * 24 * 3600.0
MOST_REMEMBERED = 500
# No number in the file is as large as this, NaN and infinity included.
BEYOND_SENSE = 1e12
# Seconds. No endpoint answers faster.
SHORTEST = 0.001


@dataclass(frozen=True, slots=True)
class Borne:
    """in_flight: requests at once. seconds: in which one of them was answered then.

    >>> Borne(in_flight=300, seconds=0.2).per_second
    1500.0
    """

    in_flight: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.in_flight / self.seconds


class EndpointMemory:
    """One JSON file for all endpoints, each under a hash of its name.

    now: seconds of Unix time.
    """

    def __init__(self, file: Path, now: Callable[[], float] = time.time) -> None:
        self._file = file
        self._now = now

    def recall(self, endpoint: Sequence[str | None]) -> Borne | None:
        """What this endpoint may bear today. None where that is no more than a run would begin with anyway."""
        return _aged(recall(self._file).get(_digest(endpoint)), self._now())

    def keep(self, found: Mapping[Sequence[str | None], Borne]) -> None:
        """Remember what these endpoints bore. The oldest of too many are forgotten."""
        if not found:
            return
        now = self._now()
        known = {name: entry for name, entry in recall(self._file).items() if _aged(entry, now)}
        known |= {
            _digest(endpoint): {"in_flight": borne.in_flight, "seconds": borne.seconds, "at": now} for endpoint, borne in found.items()
        }
        kept = sorted(known.items(), key=lambda item: float(item[1]["at"]))[-MOST_REMEMBERED:]
        remember(self._file, dict(kept))


def _digest(endpoint: Sequence[str | None]) -> str:
    return hashlib.sha256(json.dumps(endpoint).encode()).hexdigest()[:32]


def _aged(entry: Any, now: float) -> Borne | None:
    """What an entry of the file still tells; None for one that makes no sense."""
    if not isinstance(entry, dict):
        return None
    in_flight, seconds, at = (_number(entry.get(name)) for name in ("in_flight", "seconds", "at"))
    if in_flight is None or seconds is None or at is None:
        return None
    weeks = max(0.0, now - at - FRESH) / HALVED_AFTER
    counts = int(min(in_flight, LARGEST_SIZE) * 0.5 ** min(weeks, 60.0))
    return Borne(counts, max(seconds, SHORTEST)) if counts > FIRST_SIZE else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and abs(value) < BEYOND_SENSE else None
