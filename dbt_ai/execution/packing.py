"""Which requests travel together: as many as the endpoint takes, of like length, and fewer once it has refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dbt_ai.providers.base import Limits
from dbt_ai.tokens import BYTES_PER_TOKEN, size_of

# Accepted bundles at a learnt size before a larger one is tried again; doubles with every attempt that is refused.
FIRST_RECOVERY = 8


def pack(inputs: Sequence[str], positions: Sequence[int], limits: Limits) -> Iterator[Sequence[int]]:
    """Cut positions into inputs into bundles within the limits.

    Yields the longest texts first, so that the last bundles to come back are short ones, each position once; neighbours in
    length travel together, which wastes the least padding. A text beyond the limits travels alone and the endpoint decides.
    """
    if limits.inputs == 1:
        yield from ([position] for position in sorted(positions, key=lambda position: -len(inputs[position])))
        return
    if limits.together is not None:
        groups: dict[str, list[int]] = {}
        for position in positions:
            groups.setdefault(limits.together(inputs[position]), []).append(position)
        for group in groups.values():
            yield from pack(inputs, group, replace(limits, together=None))
        return
    sizes = {position: size_of(inputs[position]) for position in positions}
    bundle: list[int] = []
    bundle_bytes = bundle_tokens = 0
    for position in sorted(positions, key=sizes.__getitem__, reverse=True):
        size = sizes[position]
        tokens = size // BYTES_PER_TOKEN + 1
        if bundle and (
            len(bundle) >= limits.inputs
            or (limits.tokens is not None and bundle_tokens + tokens > limits.tokens)
            or (limits.bytes is not None and bundle_bytes + size > limits.bytes)
        ):
            yield bundle
            bundle, bundle_bytes, bundle_tokens = [], 0, 0
        bundle.append(position)
        bundle_bytes += size
        bundle_tokens += tokens
    if bundle:
        yield bundle


@dataclass(slots=True)
class LearntSize:
    """The most inputs that one endpoint takes in a request, learnt from its refusals. It grows again, since texts differ in length.

    One bundle at a time tries a larger size. Otherwise all bundles in flight would be refused for the same reason.

    >>> learnt = LearntSize()
    >>> learnt.refused(256)
    >>> [len(piece) for piece in learnt.pieces(range(256))]
    [128, 128]
    """

    inputs: int | None = None
    _known: int = field(init=False, default=0)
    _trying: bool = field(init=False, default=False)
    _accepted: int = field(init=False, default=0)
    _recovery: int = field(init=False, default=FIRST_RECOVERY)
    _recovering: bool = field(init=False, default=False)

    def refused(self, inputs: int) -> None:
        """A bundle of this many inputs was too large."""
        smaller = max(1, inputs // 2)
        if self._recovering:
            self._recovery = min(2 * self._recovery, 1024)
        self.inputs = self._known = smaller if self.inputs is None else min(self.inputs, smaller)
        self._accepted, self._recovering, self._trying = 0, False, False

    def accepted(self, inputs: int) -> None:
        """A bundle of this many inputs was taken. After some of these a larger size is tried."""
        if self.inputs is None or inputs < self._known:
            return
        if inputs >= self.inputs:
            self._known = self.inputs
        self._accepted += 1
        if self._accepted >= self._recovery:
            # Also if the bundle that tried the larger size never came back: then the next one tries.
            self._accepted, self._trying = 0, False
            if self._known == self.inputs:
                self.inputs *= 2
                self._recovering = True

    def pieces(self, positions: Sequence[int]) -> list[Sequence[int]]:
        """The bundle as it may travel now."""
        if self.inputs is None:
            return [positions]
        size = self._known
        if size < self.inputs and size < len(positions) and not self._trying:
            size, self._trying = self.inputs, True
        return [positions[start : start + size] for start in range(0, len(positions), size)]
