"""An index as a side file: what is written is what is read, and what is not whole is none."""

from __future__ import annotations

import json
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from dbt_ai.errors import StoreError
from dbt_ai.vector_index import Content, Graph, IndexOptions, IndexPlace, Manifest

VECTORS = np.random.default_rng(0).standard_normal((500, 8), dtype=np.float32)
KEYS = np.arange(500, dtype=np.uint64) * np.uint64(2**40 + 1)


def manifest(**fields: object) -> Manifest:
    made_of = {"relation": "main.chunks", "column": "v", "project": "shop", "model": "model.shop.chunks", "engine": "1.4.0"}
    graph = {"options": IndexOptions(), "dimensions": 8, "content": Content(500, "9"), "vectors": 0, "file": "", "size": 0, "checksum": 0}
    return Manifest(**{**made_of, **graph, **fields})


@pytest.fixture
def place(tmp_path: Path) -> IndexPlace:
    return IndexPlace(tmp_path / "shop.duckdb.dbt_ai", "main.chunks", "v")


def graph() -> Graph:
    made = Graph.made(8, IndexOptions())
    made.add(KEYS, VECTORS, threads=1)
    return made


def test_a_graph_that_was_written_finds_what_was_added_and_what_was_changed_after_it_was_opened(place: IndexPlace):
    written = place.write(graph(), manifest())
    assert place.read() == written and (written.vectors, written.content) == (500, Content(500, "9"))
    file = place.whole(written)
    assert file is not None
    asked, keys = Graph.viewed(file).nearest(VECTORS[:20], 1, look_at=40, threads=1)
    assert (asked.tolist(), keys.tolist()) == (list(range(20)), KEYS[:20].tolist())
    opened = Graph.opened(file, written)
    opened.remove(KEYS[:10])
    opened.add(KEYS[:1] + np.uint64(1), VECTORS[:1], threads=1)
    assert set(opened.keys().tolist()) == {1, *KEYS[10:].tolist()}
    again = place.write(opened, manifest())
    assert place.whole(again) and not file.exists(), "one graph is kept"


def test_a_query_gets_as_many_as_there_are(place: IndexPlace):
    few = Graph.made(8, IndexOptions())
    few.add(KEYS[:3], VECTORS[:3], threads=1)
    for queries in (1, 2):
        asked, keys = few.nearest(VECTORS[:queries], 10, look_at=40, threads=1)
        assert len(asked) == len(keys) == 3 * queries


def test_a_graph_without_vectors_and_a_search_without_queries_find_nothing():
    for made, queries in ((Graph.made(8, IndexOptions()), VECTORS[:2]), (graph(), VECTORS[:0])):
        asked, keys = made.nearest(queries, 10, look_at=40, threads=1)
        assert len(asked) == len(keys) == 0


def test_a_file_that_is_not_the_one_that_was_written_is_no_index(place: IndexPlace):
    written = place.write(graph(), manifest())
    file = place.folder / written.file
    content = file.read_bytes()
    for damaged in (content[:-1], content[:100] + bytes([content[100] ^ 1]) + content[101:], b""):
        file.write_bytes(damaged)
        assert place.whole(written) is None
    file.unlink()
    assert place.whole(written) is None


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"file": "../other"}, {"size": "1"}, {"options": {"m": 1, "k": 2}}, {"more": 1}, {"relation": "main.other"}],
)
def test_a_manifest_of_something_else_is_none(place: IndexPlace, change: dict[str, object]):
    place.write(graph(), manifest())
    place.manifest.write_text(json.dumps({**json.loads(place.manifest.read_text()), **change}))
    assert place.read() is None


def test_a_crash_between_the_graph_and_its_manifest_leaves_the_last_index(place: IndexPlace, monkeypatch: pytest.MonkeyPatch):
    before = place.write(graph(), manifest())

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Manifest, "write", crash)
    with pytest.raises(KeyboardInterrupt):
        place.write(graph(), manifest(content=Content(501, "10")))
    monkeypatch.undo()
    assert place.read() == before and place.whole(before)
    place.write(graph(), manifest())
    assert len(list(place.folder.glob("*.usearch"))) == 1, "what the crash left is removed"


def test_names_that_look_alike_in_a_path_have_files_of_their_own(tmp_path: Path):
    names = {IndexPlace(tmp_path, relation, "v").name for relation in ("main.a b", "main.a_b", "main.a/b")}
    assert len(names) == 3 and not any("/" in name for name in names)


def test_an_index_that_cannot_be_written_is_said_in_one_sentence_and_leaves_the_last_one(place: IndexPlace, tmp_path: Path):
    written = place.write(graph(), manifest())
    large = graph()
    large.add(KEYS + np.uint64(1), VECTORS, threads=1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (written.size, before[1]))  # a disk that is full
    try:
        with pytest.raises(StoreError, match=r"main_chunks_v\S+ cannot be written"):
            place.write(large, manifest())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert place.read() == written and place.whole(written)
    assert len(list(place.folder.iterdir())) == 2, "nothing that is half written stays"

    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be written"):
        IndexPlace(tmp_path / "taken", "main.chunks", "v").write(graph(), manifest())


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", "7", "{}"])
def test_a_file_of_somebody_else_is_no_manifest(tmp_path: Path, content: str):
    (tmp_path / "other.json").write_text(content)
    assert Manifest.read(tmp_path / "other.json") is None


@pytest.mark.parametrize("field", [{"model": []}, {"file": "a\0b"}, {"file": 7}, {"project": {}}])
def test_a_manifest_with_values_of_other_types_is_none(tmp_path: Path, field: dict[str, object]):
    manifest(**field).write(tmp_path / "other.json")
    assert Manifest.read(tmp_path / "other.json") is None
