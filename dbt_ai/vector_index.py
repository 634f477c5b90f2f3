"""An index of vectors as a side file: an HNSW graph of usearch, and a manifest that says what it was made of.

The index knows vectors by their keys, 64-bit hashes of their content. A manifest has the digest of all keys of the relation: an index
is believed if the relation's digest is the same now, and its file has the size and the checksum that the manifest names. The file is
written under a name of its own before the manifest that names it takes the place of the last one, so that a crash leaves the last
index or none.

usearch and not faiss: on macOS faiss-cpu ends a process that has torch loaded (https://github.com/faiss-wheels/faiss-wheels/issues/73),
and it cannot remove vectors from such a graph.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import uuid
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError, StoreError

VERSION = 1
# Half the size of float32; those that are found are compared again with the vectors of the relation.
PRECISION = "bf16"


@dataclass(frozen=True, slots=True)
class Content:
    """What a relation holds. rows: with a vector. digest: the sum of their keys."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What a vector is joined to, as config(vector_index={…}) says.

    m: neighbours of a vector in the graph. ef_construction: candidates that are looked at for them.
    """

    m: int = 16
    ef_construction: int = 64


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made of.

    relation, column: whose vectors. project, model: the dbt model that asks for the index. engine: whose hashes the keys are.
    vectors: that the graph holds, each once. file, size, checksum: the graph.
    """

    relation: str
    column: str
    project: str
    model: str
    engine: str
    options: IndexOptions
    dimensions: int
    content: Content
    vectors: int
    file: str
    size: int
    checksum: int
    version: int = VERSION

    @classmethod
    def read(cls, path: Path) -> Manifest | None:
        """None where there is no file, or something else than a manifest of this version."""
        try:
            known = json.loads(path.read_bytes())
            manifest = cls(**{**known, "options": IndexOptions(**known["options"]), "content": Content(**known["content"])})
            types = {name: type(value) for name, value in asdict(manifest).items()}
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        numbers = all(types[name] is int for name in ("dimensions", "vectors", "size", "checksum"))
        texts = all(types[name] is str for name in ("relation", "column", "project", "model", "engine", "file"))
        named = texts and Path(manifest.file).name == manifest.file and manifest.file.isprintable()
        return manifest if numbers and named and manifest.version == VERSION else None

    def write(self, path: Path) -> None:
        """Take the place of the manifest that was there."""
        temporary = path.with_suffix(".new")
        _write_whole(temporary, json.dumps(asdict(self), indent=1).encode())
        os.replace(temporary, path)


@dataclass(frozen=True, slots=True)
class IndexPlace:
    """Where the index of one column lives. folder: of all indexes of a database."""

    folder: Path
    relation: str
    column: str

    @property
    def manifest(self) -> Path:
        """The file that says what the index was made of."""
        return self.folder / f"{self.name}.json"

    @property
    def name(self) -> str:
        """What its files begin with: readable, and its own for every column."""
        whole = f"{self.relation}.{self.column}"
        return re.sub(r"\W+", "_", whole).strip("_")[:80] + "-" + sha256(whole.encode()).hexdigest()[:8]

    def read(self) -> Manifest | None:
        """The manifest, None if there is none of this column."""
        manifest = Manifest.read(self.manifest)
        return manifest if manifest and (manifest.relation, manifest.column) == (self.relation, self.column) else None

    def write(self, graph: Graph, manifest: Manifest) -> Manifest:
        """Write the graph, then the manifest that names it, then forget what was there before. Returns the manifest with its file."""
        file = self.folder / f"{self.name}.{uuid.uuid4().hex[:8]}.usearch"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            graph.save(file)
            written = replace(manifest, vectors=len(graph), file=file.name, size=file.stat().st_size, checksum=_checksum(file))
            written.write(self.manifest)
        except OSError as error:
            with suppress(OSError):  # where there is no folder either
                file.unlink()
            raise StoreError(f"vector_index: {self.manifest} cannot be written ({error})") from error
        for other in self.folder.glob(f"{self.name}.*.usearch"):
            if other.name != file.name:
                with suppress(OSError):  # Windows keeps a file that a search has open
                    other.unlink()
        return written

    def whole(self, manifest: Manifest) -> Path | None:
        """The file of the graph, None if it is not the one that was written."""
        file = self.folder / manifest.file
        try:
            return file if file.stat().st_size == manifest.size and _checksum(file) == manifest.checksum else None
        except OSError:
            return None

    def forget(self) -> None:
        """Remove its files."""
        try:
            self.manifest.unlink(missing_ok=True)
            for file in self.folder.glob(f"{self.name}.*.usearch"):
                file.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"vector_index: {self.manifest} cannot be removed ({error})") from error


class Graph:
    """An HNSW graph of vectors by their keys; several threads search it at once.

    >>> graph = Graph.made(dimensions=3, options=IndexOptions())
    >>> graph.add(np.array([7, 8], dtype=np.uint64), np.eye(2, 3, dtype=np.float32), threads=1)
    >>> graph.nearest(np.array([[1, 0, 0]], dtype=np.float32), 1, look_at=40, threads=1)
    (array([0]), array([7], dtype=uint64))
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def made(cls, dimensions: int, options: IndexOptions) -> Graph:
        """A graph without vectors. Raises ConfigurationError where usearch is not installed."""
        return cls(_empty(dimensions, options))

    @classmethod
    def opened(cls, file: Path, manifest: Manifest) -> Graph:
        """A graph to search and to change."""
        index = _empty(manifest.dimensions, manifest.options)
        index.load(str(file))
        return cls(index)

    @classmethod
    def viewed(cls, file: Path) -> Graph | None:
        """A graph to search only, which stays on the disk; None where this version of usearch cannot read it."""
        try:
            return cls(_usearch().Index.restore(str(file), view=True))
        except (RuntimeError, ValueError):
            return None

    def __len__(self) -> int:
        return len(self._index)

    def keys(self) -> NDArray[np.uint64]:
        """Of all vectors, in no order."""
        return np.array(self._index.keys[: len(self._index)], dtype=np.uint64)

    def add(self, keys: NDArray[np.uint64], vectors: NDArray[np.float32], threads: int) -> None:
        """Join vectors to the graph, whose keys it does not have."""
        self._index.add(keys, vectors, threads=threads)

    def remove(self, keys: NDArray[np.uint64]) -> None:
        """Forget the vectors of these keys."""
        self._index.remove(keys)

    def save(self, file: Path) -> None:
        """Write the graph, so that it outlives a crash of the machine. Raises OSError where it cannot be written."""
        try:
            self._index.save(str(file))
        except RuntimeError as error:  # which is how usearch says that a disk is full
            raise OSError(str(error)) from error
        with file.open("rb") as written:
            os.fsync(written.fileno())

    def nearest(self, queries: NDArray[np.float32], count: int, look_at: int, threads: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """The positions of queries, and of each the keys of about its nearest vectors.

        count: how many for each query. look_at: candidates that the graph is searched for, more of which miss less.
        """
        count = min(count, len(self))
        if not count or not len(queries):  # usearch refuses to look for nothing
            return np.empty(0, np.int64), np.empty(0, np.uint64)
        self._index.expansion_search = max(look_at, count)
        found = self._index.search(queries, count, threads=threads)
        keys = np.atleast_2d(found.keys)
        counts = np.atleast_1d(found.counts if len(queries) > 1 else len(found.keys))
        given = np.arange(keys.shape[1]) < counts[:, None]
        return np.nonzero(given)[0], keys[given]


def _empty(dimensions: int, options: IndexOptions) -> Any:
    how = {"ndim": dimensions, "metric": "cos", "dtype": PRECISION, "connectivity": options.m, "expansion_add": options.ef_construction}
    return _usearch().Index(**how)


def require_usearch() -> None:
    """Raises ConfigurationError where the library of the indexes is not installed."""
    _usearch()


def _usearch() -> Any:
    try:
        import usearch.index
    except ImportError as error:
        raise ConfigurationError(
            f"vector_index needs usearch, which cannot be imported ({error}): pip install 'dbt-ai-functions[search]'"
        ) from error
    return usearch.index


def _checksum(file: Path) -> int:
    with file.open("rb") as opened:
        if not file.stat().st_size:
            return 0
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return zlib.crc32(content)


def _write_whole(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
