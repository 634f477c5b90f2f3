"""Recorded answers in a file that can be committed: one JSON object a line, and no secret in it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError, PlanError
from dbt_ai.request import Call, Requests, TokenCount
from dbt_ai.store.duckdb_store import StoredAnswers


class Cassette:
    """Thread-safe. Written by `mode: record`, read by `mode: replay`, both by the key of the request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._answers: dict[bytes, dict[str, Any]] | None = None

    def add(self, requests: Requests, positions: Sequence[int], values: NDArray[np.float32] | Sequence[str | None]) -> None:
        """Append what the file does not have yet: values[i] answers job.inputs[positions[i]]."""
        with self._lock:
            known = self._read(missing_is_empty=True)
            lines = []
            for position, value in zip(positions, values, strict=True):
                key = requests.keys[position]
                if key in known:
                    continue
                known[key] = _line(requests, position, value)
                lines.append(json.dumps(known[key], ensure_ascii=False) + "\n")
            if lines:
                with self.path.open("a", encoding="utf-8") as file:
                    file.writelines(lines)

    def lookup(self, call: Call, keys: Sequence[bytes]) -> Iterator[StoredAnswers]:
        """The recorded answers to these keys, as Store.lookup finds stored ones."""
        with self._lock:
            known = self._read(missing_is_empty=False)
        positions = [position for position, key in enumerate(keys) if key in known]
        if not positions:
            return
        found = [known[keys[position]] for position in positions]
        values: Any = [line.get("value") for line in found]
        if call.embeds:
            values = np.stack([np.frombuffer(base64.b64decode(line["vector"]), dtype="<f4") for line in found])
        yield StoredAnswers(np.array(positions, dtype=np.int64), values, TokenCount())

    def refuse(self, work: Sequence[Requests], node: str) -> None:
        """Raises PlanError for the first request that is not recorded."""
        missing = sum(len(requests.inputs) for requests in work)
        first = next(requests for requests in work if requests.inputs)
        raise PlanError(
            f"{node or 'a query'}: {self.path.name} has no answer for {first.call.function} by external model {first.call.model.name!r} to"
            f" {first.inputs[0][:120]!r}{f' and {missing - 1:,} more' if missing > 1 else ''}; run it once with mode: record"
        )

    def _read(self, missing_is_empty: bool) -> dict[bytes, dict[str, Any]]:
        if self._answers is not None:
            return self._answers
        if not self.path.exists() and not missing_is_empty:
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} does not exist; run once with mode: record")
        answers = {}
        if self.path.exists():
            with self.path.open(encoding="utf-8") as file:
                for number, text in enumerate(file, start=1):
                    try:
                        line = json.loads(text)
                        answers[bytes.fromhex(line["key"])] = line
                    except (ValueError, LookupError, TypeError):
                        raise ConfigurationError(
                            f"plugin dbt_ai: line {number} of cassette {str(self.path)!r} is no recorded answer; remove the line"
                        ) from None
        self._answers = answers
        return answers


def _line(requests: Requests, position: int, value: Any) -> dict[str, Any]:
    line = {
        "key": requests.keys[position].hex(),
        "function": requests.call.function,
        "model": requests.call.model.model,
        "input": requests.inputs[position],
    }
    if requests.call.embeds:
        return {**line, "vector": base64.b64encode(np.ascontiguousarray(value, dtype="<f4").tobytes()).decode()}
    return {**line, "value": value}
