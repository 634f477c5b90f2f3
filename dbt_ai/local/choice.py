"""`backend: auto`: which runtime is the fastest for this model on this machine, measured once and remembered.

All candidates compute the same precision, so the choice changes no vector beyond rounding and is not part of the key. There is no
choice for int8: the backends differ by more than rounding.
"""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.local.batch_size import BatchSize
from dbt_ai.local.convert import converted
from dbt_ai.local.cores import cores
from dbt_ai.local.device import Device
from dbt_ai.local.tokenizer import Sequences
from dbt_ai.local.workers import Workers
from dbt_ai.remembered import recall, remember
from dbt_ai.settings import cache_dir

log = logging.getLogger(__name__)

# Measuring, conversion included, may take this part of the time that the plan would take without it.
SHARE = 0.05
# Assumed seconds of a conversion that has not been measured yet. MiniLM (90 MB) takes 3 to 15.
CONVERSION_SECONDS = 15.0
SAMPLE_TOKENS = 1024
# A smaller gain is not worth another copy of the model.
WORTH = 1.05
ALIKE = 0.999

Improve = Callable[[Sequences, int, Workers], Workers]


class Choice:
    """candidates: the installed backends besides torch that can compute this precision."""

    def __init__(self, identity: str, precision: str, installed: Sequence[str]) -> None:
        able = {"auto": ("openvino", "onnx"), "fp32": ("openvino", "onnx"), "bf16": ("openvino",)}
        self.candidates = [name for name in able.get(precision, ()) if name in installed]
        self._precision = "fp32" if precision == "auto" else precision
        self._identity = identity
        # The choice may differ on another processor or with another number of cores.
        self._name = "|".join([identity, self._precision, _processor(), str(cores())])

    def remembered(self) -> str | None:
        """The backend chosen before, if it is still there."""
        chosen = recall(_file()).get(self._name)
        if chosen == "torch":
            return "torch"
        return chosen if chosen in self.candidates and converted(chosen, self._precision, self._identity).is_file() else None

    def measure(self, load: Callable[[str, Any], Device], tokenizer: Any) -> Improve | None:
        """Returns the function that the embedder calls with the first slice of a plan and the number of its texts. None: already chosen."""
        if self.remembered():
            return None

        def improve(sequences: Sequences, texts: int, current: Workers) -> Workers:
            sample = _sample(sequences)
            reference = current.devices[0]
            seconds, vectors = _timed(reference, sample)
            share = sum(map(len, sample)) / max(1, int(sequences.lengths.sum())) / max(1, texts) * len(sequences.tokens)
            allowed = SHARE * seconds / max(share, 1e-12) / current.size - 2 * seconds
            best, fastest, device = "torch", seconds, None
            for name in self.candidates:
                known = converted(name, self._precision, self._identity).is_file()
                if allowed < 2 * seconds + (0 if known else CONVERSION_SECONDS):
                    return current  # a larger plan will measure; nothing is remembered
                began = time.perf_counter()
                try:
                    candidate = load(name, tokenizer)
                except ConfigurationError:  # it cannot be converted here
                    return current
                taken, theirs = _timed(candidate, sample)
                allowed -= time.perf_counter() - began
                if taken * WORTH < fastest and _alike(vectors, theirs):
                    best, fastest, device = name, taken, candidate
            remember(_file(), {**recall(_file()), self._name: best})
            log.info("dbt_ai: backend %r is the fastest here, %.2f times torch", best, seconds / fastest)
            return Workers([device] * cores(), BatchSize(current.budget())) if device else current

        return improve


def _sample(sequences: Sequences) -> list[NDArray[np.int32]]:
    """Sequences of all lengths, about SAMPLE_TOKENS tokens, sorted as a batch is."""
    order = np.argsort(-sequences.lengths, kind="stable")
    typical = order[len(order) // 2 :]
    count = max(1, int(np.searchsorted(np.cumsum(sequences.lengths[typical]), SAMPLE_TOKENS)))
    return sequences.rows(typical[:count])


def _timed(device: Device, sample: list[NDArray[np.int32]]) -> tuple[float, NDArray[np.float32]]:
    """Seconds of the second of two runs: the first one also allocates."""
    device.embed(sample)
    began = time.perf_counter()
    vectors = device.embed(sample)
    return time.perf_counter() - began, vectors


def _alike(left: NDArray[np.float32], right: NDArray[np.float32]) -> bool:
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return bool(((left * right).sum(axis=1) >= ALIKE * lengths).all())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _file() -> Path:
    return cache_dir() / "backends.json"
