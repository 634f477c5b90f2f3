"""Recorded answers in a file that can be committed: one JSON object a line, and no secret in it.

The file comes from outside: anybody may have edited or merged it. Each line is checked when it is read.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, StoreError
from dbt_ai.keys import KEY_VERSION
from dbt_ai.request import Requests
from dbt_ai.return_type import NotReadable, parse_return_type
from dbt_ai.return_type.types import STRING
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.version_1 import Version1
from dbt_ai.tokens import TokenCount

# Bytes of the longest line that is read.
LONGEST_LINE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class _Line:
    """A recorded answer: a text, or the bytes of a vector in 32 bits. key_version: the recipe of its key. number: of its line."""

    value: str | bytes
    key_version: int = KEY_VERSION
    number: int = field(default=0, compare=False)


class Cassette:
    """Thread-safe. Written by `mode: record`, read by `mode: replay`, both by the key of the request.

    version_1: tells whose answers are those that version 1 recorded.
    """

    def __init__(self, path: Path, version_1: Version1 | None = None) -> None:
        self.path = path
        self._version_1 = version_1 or Version1()
        self._lock = threading.Lock()
        self._lines: dict[bytes, _Line] | None = None
        self._older: dict[bytes, _Line] = {}

    def check(self) -> None:
        """Raises ConfigurationError if the file cannot be read or written."""
        with self._lock:
            self._read(recording=True)
            self._append([])

    def add(self, requests: Requests, positions: Sequence[int], values: NDArray[np.float32] | Sequence[str | None]) -> None:
        """Append what the file does not have yet: values[i] answers requests.inputs[positions[i]]."""
        with self._lock:
            known = self._lines_of(requests.subset(positions), recording=True)
            new: dict[bytes, tuple[int, Any]] = {}
            for line, position, value in zip(known, positions, values, strict=True):
                if line is None and value is not None:
                    new.setdefault(requests.keys[position], (position, value))
            self._append([_written(requests, position, value) for position, value in new.values()])
            self._read(recording=True).update({key: _Line(_kept(value)) for key, (_, value) in new.items()})

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        """The recorded answers to these requests, as a store finds stored ones."""
        with self._lock:
            lines = self._lines_of(requests, recording=False)
        found = {position: line for position, line in enumerate(lines) if line is not None}
        if found:
            values = self._values(requests.call, list(found.values()))
            yield StoredAnswers(np.array(list(found), dtype=np.int64), values, TokenCount())

    def _lines_of(self, requests: Requests, recording: bool) -> list[_Line | None]:
        """The line of each request, also under its key of version 1."""
        recorded = self._read(recording)
        lines = [recorded.get(key) for key in requests.keys]
        if self._older and None in lines and not self._version_1.rivals(requests.call.model):
            lines = [line or self._older.get(key) for line, key in zip(lines, self._version_1.keys(requests), strict=True)]
        return lines

    def _values(self, call: Call, lines: Sequence[_Line]) -> NDArray[np.float32] | list[str]:
        """The answers of these lines. Raises ConfigurationError for one that is not an answer to the call."""
        if call.embeds:
            vectors: list[NDArray[np.float32]] = []
            for line in lines:
                if not isinstance(line.value, bytes):
                    raise self._problem(line.number, f"has a text where {call.function} needs a vector")
                vectors.append(np.frombuffer(line.value, dtype="<f4"))
                expected = call.dimensions or len(vectors[0])
                if len(vectors[-1]) != expected:
                    raise self._problem(line.number, f"has a vector of {len(vectors[-1])} numbers where {expected} are expected")
            return np.stack(vectors)
        type = parse_return_type(call.return_type or "STRING")
        texts = []
        for line in lines:
            if not isinstance(line.value, str):
                raise self._problem(line.number, f"has a vector where {call.function} needs a text")
            if type.schema is not None and type.type != STRING:  # a text that looks like a number is a text all the same
                try:
                    type.read(line.value, wrapped=False)
                except NotReadable as problem:
                    raise self._problem(line.number, f"is not readable as {call.return_type}: {problem}") from None
            texts.append(line.value)
        return texts

    def _append(self, lines: Sequence[str]) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(lines)
        except OSError as error:
            raise StoreError(f"plugin dbt_ai: cassette {str(self.path)!r} cannot be written ({error.strerror or error})") from error

    def _read(self, recording: bool) -> dict[bytes, _Line]:
        if self._lines is not None:
            return self._lines
        if not self.path.exists() and not recording:
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} does not exist; run once with mode: record")
        if recording:
            self._end_last_line()
        lines: dict[bytes, _Line] = {}
        for number, text in enumerate(self._texts(), start=1):
            try:
                key, line = _parsed(number, text)
            except (ValueError, RecursionError) as error:
                why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
                raise self._problem(number, f"is not a recorded answer ({why}); remove the line") from None
            before = (lines if line.key_version == KEY_VERSION else self._older).setdefault(key, line)
            if before != line:
                raise self._problem(number, f"has another answer to the request of line {before.number}; remove one of them")
        self._lines = lines
        return lines

    def _end_last_line(self) -> None:
        """A run that was killed leaves a part of a line, which is removed, and an editor a line without its end."""
        last = b""
        for last in self._texts():  # noqa: B007
            pass
        if not last or last.endswith(b"\n"):
            return
        try:
            _parsed(0, last)
        except (ValueError, RecursionError):
            with suppress(OSError):  # it is told as a line that is not an answer
                os.truncate(self.path, self.path.stat().st_size - len(last))
        else:
            self._append(["\n"])

    def _texts(self) -> Iterator[bytes]:
        if not self.path.exists():
            return
        if not self.path.is_file():  # what is not a regular file, such as a pipe, may keep a reader waiting for ever
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} is not a file")
        try:
            with self.path.open("rb") as file:
                while text := file.readline(LONGEST_LINE + 1):
                    yield text
        except OSError as error:
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} cannot be read ({error.strerror or error})") from None

    def _problem(self, number: int, what: str) -> ConfigurationError:
        return ConfigurationError(f"plugin dbt_ai: line {number} of cassette {str(self.path)!r} {what}")


def _parsed(number: int, text: bytes) -> tuple[bytes, _Line]:
    """The key and the answer of a line. Raises ValueError with the reason if it is none."""
    if len(text) > LONGEST_LINE:
        raise ValueError(f"it is longer than {LONGEST_LINE // 2**20} MB")
    try:
        line = json.loads(text)
    except ValueError:  # also what is not UTF-8
        raise ValueError("it is not JSON") from None
    if not isinstance(line, dict):
        raise ValueError("it is not a JSON object")
    try:
        key = bytes.fromhex(line["key"])
    except (LookupError, TypeError, ValueError):
        raise ValueError("its key is missing or not hexadecimal") from None
    if ("value" in line) == ("vector" in line):
        raise ValueError("it has a value and a vector" if "value" in line else "it has no value")
    value = _vector(line["vector"]) if "vector" in line else _text(line["value"])
    version = line.get("key_version", 1)
    if isinstance(version, bool) or version not in range(1, KEY_VERSION + 1):
        raise ValueError(f"its key_version {version!r} is not known")
    return key, _Line(value, version, number)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("its value is not a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("its value holds half of a UTF-16 surrogate pair") from None
    return value


def _vector(encoded: Any) -> bytes:
    try:
        content = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ValueError("its vector is not base64") from None
    if not content or len(content) % 4:
        raise ValueError("its vector is not a row of 32-bit numbers")
    if not np.isfinite(np.frombuffer(content, dtype="<f4")).all():
        raise ValueError("its vector holds NaN or infinity")
    return content


def _kept(value: Any) -> Any:
    return value if isinstance(value, str) else np.ascontiguousarray(value, dtype="<f4").tobytes()


def _written(requests: Requests, position: int, value: Any) -> str:
    line = {
        "key": requests.keys[position].hex(),
        "key_version": KEY_VERSION,
        "function": requests.call.function,
        "model": requests.call.model.model,
        "input": requests.inputs[position],
    }
    if requests.call.embeds:
        line["vector"] = base64.b64encode(_kept(value)).decode()
    else:
        line["value"] = value
    return json.dumps(line, ensure_ascii=False) + "\n"
