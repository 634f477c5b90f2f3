"""Where the answers of an invocation come from, and what may leave it: one object for each mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to run, as the configuration names it.

    sends: requests leave for endpoints, so their credentials must be there.
    executes: what is not stored is asked, of a model or of the mock.
    mocks: the mock provider answers in the place of every model.
    records: every answer is also written to the cassette. replays: answers come from the cassette alone.
    keeps_usage: what was asked is written to the table `usage`.
    overrides: the mode that the settings of the target name, where the environment says this one; else empty.

    >>> MODES["replay"].sends, MODES["estimate"].estimates
    (False, True)
    """

    name: str
    sends: bool = False
    executes: bool = False
    mocks: bool = False
    records: bool = False
    replays: bool = False
    keeps_usage: bool = False
    overrides: str = ""

    @property
    def uses_cassette(self) -> bool:
        """Whether answers go to the cassette or come from it."""
        return self.records or self.replays

    @property
    def estimates(self) -> bool:
        """Nothing is sent and nothing is built: the run says what it would ask."""
        return not (self.executes or self.replays)


LIVE = Mode("live", sends=True, executes=True, keeps_usage=True)
ESTIMATE = Mode("estimate")
RECORD = Mode("record", sends=True, executes=True, records=True, keeps_usage=True)
REPLAY = Mode("replay", replays=True)
MOCK = Mode("mock", executes=True, mocks=True, keeps_usage=True)

MODES: Mapping[str, Mode] = {mode.name: mode for mode in (LIVE, ESTIMATE, RECORD, REPLAY, MOCK)}
