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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

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
    """Written by `mode: record`, read by `mode: replay`, both by the key of the request. Threads and processes may do so at once.

    version_1: tells whose answers are those that version 1 recorded.
    """

    def __init__(self, path: Path, version_1: Version1 | None = None) -> None:
        self.path = path
        self._version_1 = version_1 or Version1()
        self._lock = threading.Lock()
        self._lines: dict[bytes, _Line] = {}
        self._older: dict[bytes, _Line] = {}
        # How far the file is read, in bytes and lines.
        self._inode = self._end = self._count = 0

    def check(self) -> None:
        """Raises what `add` does if the file cannot be read or written."""
        with self._lock, self._recording():
            pass

    def add(self, requests: Requests, positions: Sequence[int], values: NDArray[np.float32] | Sequence[str | None]) -> None:
        """Append what the file does not have yet: values[i] answers requests.inputs[positions[i]].

        Raises StoreError if the file cannot be written, ConfigurationError if a line of it is not an answer.
        """
        with self._lock, self._recording() as file:
            known = self._lines_of(requests.subset(positions))
            new: dict[bytes, tuple[int, Any]] = {}
            for line, position, value in zip(known, positions, values, strict=True):
                if line is None and value is not None:
                    new.setdefault(requests.keys[position], (position, value))
            if not new:
                return
            file.write("".join(_written(requests, position, value) for position, value in new.values()).encode())
            file.flush()
            self._lines.update(
                {key: _Line(_kept(value), number=number) for number, (key, (_, value)) in enumerate(new.items(), start=self._count + 1)}
            )
            self._count += len(new)
            self._end = file.seek(0, os.SEEK_END)

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        """The recorded answers to these requests, as a store finds stored ones."""
        with self._lock:
            self._replay()
            lines = self._lines_of(requests)
        found = {position: line for position, line in enumerate(lines) if line is not None}
        if found:
            values = self._values(requests.call, list(found.values()))
            yield StoredAnswers(np.array(list(found), dtype=np.int64), values, TokenCount())

    def _lines_of(self, requests: Requests) -> list[_Line | None]:
        """The line of each request, also under its key of version 1."""
        lines = [self._lines.get(key) for key in requests.keys]
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

    @contextmanager
    def _recording(self) -> Iterator[BinaryIO]:
        """The file, read to its end. No other process that records writes it meanwhile."""
        try:
            self._require_file()
            with self.path.open("a+b") as file:
                _lock(file)
                self._read_on(file, recording=True)
                yield file
        except OSError as error:
            raise StoreError(f"plugin dbt_ai: cassette {str(self.path)!r} cannot be written ({error.strerror or error})") from error

    def _replay(self) -> None:
        try:
            self._require_file()
            with self.path.open("rb") as file:
                _lock(file, shared=True)
                self._read_on(file, recording=False)
        except FileNotFoundError:
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} does not exist; run once with mode: record") from None
        except OSError as error:
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} cannot be read ({error.strerror or error})") from None

    def _require_file(self) -> None:
        if self.path.exists() and not self.path.is_file():  # what is not a regular file, such as a pipe, may keep a reader waiting for ever
            raise ConfigurationError(f"plugin dbt_ai: cassette {str(self.path)!r} is not a file")

    def _read_on(self, file: BinaryIO, recording: bool) -> None:
        """Read what was added since, by this process or another."""
        found = os.fstat(file.fileno())
        if found.st_ino != self._inode or found.st_size < self._end:  # the first time, or it was replaced
            self._lines.clear()
            self._older.clear()
            self._inode, self._end, self._count = found.st_ino, 0, 0
        file.seek(self._end)
        while text := file.readline(LONGEST_LINE + 1):
            number, size = self._count + 1, len(text)
            in_part = recording and not text.endswith(b"\n") and size <= LONGEST_LINE
            try:
                key, line = _parsed(number, text)
            except (ValueError, RecursionError) as error:
                if in_part:  # a run that was killed left it
                    file.truncate(self._end)
                    return
                why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
                raise self._problem(number, f"is not a recorded answer ({why}); remove the line") from None
            before = (self._lines if line.key_version == KEY_VERSION else self._older).setdefault(key, line)
            if before != line:
                raise self._problem(number, f"has another answer to the request of line {before.number}; remove one of them")
            if in_part:  # an editor left out its end
                size += file.write(b"\n")
            self._count, self._end = number, self._end + size

    def _problem(self, number: int, what: str) -> ConfigurationError:
        return ConfigurationError(f"plugin dbt_ai: line {number} of cassette {str(self.path)!r} {what}")


def _lock(file: BinaryIO, shared: bool = False) -> None:
    """Until the file is closed. Some file systems have no locks, nor has Windows these ones: there one run at a time may record."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


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
