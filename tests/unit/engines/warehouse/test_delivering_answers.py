"""Answers on their way into a warehouse: little of them is in memory, and none is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dbt_ai.call import Call, Input
from dbt_ai.engines.warehouse import outbox
from dbt_ai.engines.warehouse.journal import Journal
from dbt_ai.engines.warehouse.outbox import Delivering, Outbox, WarehouseStore
from dbt_ai.errors import StoreError
from dbt_ai.external_model import ExternalModel, mocked
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Responses
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store import answer_rows
from dbt_ai.store.schema import RESPONSES

CALL = Call("ai_embed", ExternalModel("m", "http://127.0.0.1:9/v1/embeddings", "OpenAI", "EMBEDDINGS", "m"), dimensions=64)


class Warehouse:
    """Takes answers once `open` is set. problem: why it does not."""

    def __init__(self) -> None:
        self.connection = SimpleNamespace(opened=lambda name: nullcontext())
        self.open = threading.Event()
        self.problem = ""
        self.keys: list[bytes] = []
        self.sizes: list[int] = []
        self.stored = answers(0).slice(0, 0)
        self.asked: list[list[bytes]] = []
        self.usage_problem = ""
        self.used: list[str] = []

    def prepare(self) -> None: ...

    def check_writable(self) -> None: ...

    def write_usage(self, invocation: str, rows: pa.Table) -> None:
        if self.usage_problem:
            raise StoreError(self.usage_problem)
        self.used.append(invocation)

    def answers_to(self, keys: list[bytes]) -> Iterator[pa.Table]:
        self.asked.append(keys)
        yield self.stored.filter(pc.is_in(self.stored["key"], pa.array(keys, pa.binary())))

    def insert_answers(self, rows: pa.Table) -> None:
        self.open.wait(120)
        if self.problem:
            raise StoreError(self.problem)
        self.sizes.append(rows.nbytes)
        self.keys += rows.column("key").to_pylist()


def delivery(number: int, count: int = 200) -> Delivery:
    texts = [f"text {number} {index}" for index in range(count)]
    return Delivery(Requests(CALL, texts, CALL.keys(texts)), range(count), Responses(np.ones((count, 64), dtype=np.float32)))


def answers(number: int) -> pa.Table:
    rows = answer_rows.rows([delivery(number)], "node")
    assert rows is not None
    return rows


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    size = answers(0).nbytes
    monkeypatch.setattr(outbox, "MANY", 2 * size)
    monkeypatch.setattr(outbox, "MOST", 4 * size)
    monkeypatch.setattr(outbox, "EVERY", 0.2)
    return Warehouse()


def test_a_run_that_ends_without_a_summary_has_written_what_it_used(warehouse: Warehouse) -> None:
    box = Outbox(warehouse, print)  # type: ignore[arg-type]
    warehouse.open.set()
    box.write_usage("run", [Usage("node", "m", "m", requests=3)])
    box.add(answers(0))
    until(lambda: not box.lacks_usage)
    assert warehouse.used == ["run"] and box.is_empty


def test_usage_that_cannot_be_written_keeps_no_answer_back_and_is_written_later(warehouse: Warehouse) -> None:
    said: list[str] = []
    box = Outbox(warehouse, said.append)  # type: ignore[arg-type]
    warehouse.open.set()
    warehouse.usage_problem = "permission denied for table usage"
    box.write_usage("run", [Usage("node", "m", "m", requests=3)])
    box.add(answers(0))
    until(lambda: box.is_empty)
    with pytest.raises(StoreError, match="permission denied"):
        box.flush_usage()
    warehouse.usage_problem = ""
    box.flush_usage()
    assert warehouse.used == ["run"] and said == []


def test_a_node_waits_for_a_warehouse_that_is_slower_than_its_endpoint(warehouse: Warehouse) -> None:
    box, added = Outbox(warehouse, print), []  # type: ignore[arg-type]

    def add() -> None:
        for number in range(20):
            box.add(answers(number))
            added.append(number)

    node = threading.Thread(target=add)
    node.start()
    until(lambda: len(added) == 4)
    node.join(0.5)  # it adds no more
    assert len(added) == 4
    warehouse.open.set()
    node.join(60)
    box.flush()
    assert len(added) == 20 and box.is_empty
    assert len(set(warehouse.keys)) == len(warehouse.keys) == 20 * 200
    assert max(warehouse.sizes) <= 5 * answers(0).nbytes
    box.close()


def test_a_node_does_not_wait_for_a_warehouse_that_takes_nothing(warehouse: Warehouse) -> None:
    said: list[str] = []
    box = Outbox(warehouse, said.append)  # type: ignore[arg-type]
    warehouse.problem = "no space"
    warehouse.open.set()
    for number in range(20):
        box.add(answers(number))
    assert len(said) == 1 and "no space; they are kept on this machine" in said[0]
    warehouse.problem = ""
    box.flush()
    assert len(warehouse.keys) == 20 * 200
    box.close()


def test_answers_on_their_way_are_not_there_yet(warehouse: Warehouse) -> None:
    """A process that ends meanwhile must keep its journal."""
    box = Outbox(warehouse, print)  # type: ignore[arg-type]
    for number in range(3):
        box.add(answers(number))
    time.sleep(0.5)
    assert not box.is_empty and not warehouse.keys
    warehouse.open.set()
    box.flush()
    assert box.is_empty and len(warehouse.keys) == 3 * 200
    box.close()


def test_a_delivery_that_a_lock_holds_up_is_told_once(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SLOW", 0.1)
    said: list[str] = []
    box = Outbox(warehouse, said.append)  # type: ignore[arg-type]
    box.add(answers(0))
    delivering = threading.Thread(target=box.flush)
    delivering.start()
    until(lambda: bool(said))
    warehouse.open.set()
    delivering.join(60)
    assert "dbt_ai: the warehouse has not taken answers for 0 s; is their table locked?" in said
    assert len(warehouse.keys) == 200
    box.close()


def test_what_a_process_left_is_delivered_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_AI_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("dbt_ai.engines.warehouse.journal._DELIVERED", 2048)
    left = Journal(["warehouse"])
    left.store.put([delivery(number) for number in range(50)], "node")
    left.close(delivered=False)
    pieces: list[Any] = []
    following = Journal(["warehouse"])
    assert following.deliver_left(pieces.append, print) == 50 * 200
    assert len(pieces) > 1 and sum(map(len, pieces)) == 50 * 200
    assert following.deliver_left(pieces.append, print) == 0
    following.close(delivered=True)
    assert not [path for path in following.folder.iterdir() if path.is_file()]


def left_behind(folder: Path, columns: str) -> None:
    """What a killed process of another version left."""
    left = Journal(["warehouse"])
    left.store.put([delivery(0)], "node")
    left.close(delivered=False)
    [path] = folder.glob("journals/*/*.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"alter table dbt_ai.responses {columns}")


@pytest.mark.parametrize("added", ["output_limit", "cached_input_tokens"])
def test_what_a_process_of_an_older_version_left_is_delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, added: str) -> None:
    monkeypatch.setenv("DBT_AI_CACHE_DIR", str(tmp_path))
    left_behind(tmp_path, f"drop column {added}")
    pieces: list[Any] = []
    following = Journal(["warehouse"])
    assert following.deliver_left(pieces.append, print) == 200
    assert pieces[0].schema.names == [column.name for column in RESPONSES] and pieces[0].column(added).null_count == 200
    following.close(delivered=True)


def test_what_a_process_of_a_newer_version_left_stays_for_it_and_keeps_nothing_else_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_AI_CACHE_DIR", str(tmp_path))
    left_behind(tmp_path, "add column mood varchar")
    [newer] = tmp_path.glob("journals/*/*.duckdb")
    readable = Journal(["warehouse"])
    readable.store.put([delivery(1)], "node")
    readable.close(delivered=False)
    newer.rename(newer.with_name("0-first.duckdb"))
    said: list[str] = []
    pieces: list[Any] = []
    following = Journal(["warehouse"])
    assert following.deliver_left(pieces.append, said.append) == 200
    assert "0-first.duckdb keeps what a run that ended early had answered, and cannot be read: it has a column 'mood'" in said[0]
    following.close(delivered=True)
    assert [path.name for path in following.folder.glob("*.duckdb")] == ["0-first.duckdb"]


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setenv("DBT_AI_CACHE_DIR", str(tmp_path))
    made = Journal(["warehouse"])
    yield made
    made.close(delivered=True)


def test_what_cannot_be_written_here_goes_to_the_warehouse_once(
    warehouse: Warehouse, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the disk is tried, by the runtime of a node whose answers it does not take at first."""
    warehouse.open.set()
    box, tries, writes = Outbox(warehouse, print), [0], journal.store.put  # type: ignore[arg-type]
    added: list[int] = []
    adds = box.add
    monkeypatch.setattr(box, "add", lambda rows: (added.append(len(rows)), adds(rows)))

    def put(deliveries: Sequence[Delivery], node: str | None) -> None:
        tries[0] += 1
        if tries[0] <= 4:
            raise StoreError("no space")
        writes(deliveries, node)

    monkeypatch.setattr(journal.store, "put", put)
    store = WarehouseStore(journal.store, warehouse, box)  # type: ignore[arg-type]
    runtime = Runtime(Settings.from_vars({"mode": "mock"}), store, through=lambda store: Delivering(store, box))
    call = replace(CALL, model=mocked(CALL.model), dimensions=8)
    for text in ("text", "not asked, since a text is held"):
        with pytest.raises(StoreError, match="no space"):
            runtime.answer_now(call, [text], KnownAnswers(call), "node")
    runtime.answer_now(call, ["another"], KnownAnswers(call), "node")
    box.flush()
    assert added == [1, 1] and sorted(warehouse.keys) == sorted(call.keys(["text", "another"]))
    assert len(list(journal.store.lookup(Requests(call, ["text"], call.keys(["text"]))))) == 1
    runtime.close()
    box.close()


def test_a_part_of_an_aggregate_that_another_machine_asked_is_found_in_the_warehouse(warehouse: Warehouse, journal: Journal) -> None:
    part = Call("ai_agg", ExternalModel("m", "http://127.0.0.1:9/v1/chat/completions", "OpenAI", "CHAT", "m"))
    here, there, nowhere = part.keys(["here", "there", "nowhere"])
    stored = answer_rows.rows([Delivery(Requests(part, ["there"], [there]), [0], Responses(["the answer"]))], "node")
    assert stored is not None
    warehouse.stored = stored
    store = WarehouseStore(journal.store, warehouse, Outbox(warehouse, print))  # type: ignore[arg-type]
    store.put([Delivery(Requests(part, ["here"], [here]), [0], Responses(["mine"]))], "node")
    requests = Requests(part, ["nowhere", "there", "here"], [nowhere, there, here], uncollected=True)
    found = {position: value for stored in store.lookup(requests) for position, value in zip(stored.positions, stored.values, strict=True)}
    assert found == {1: "the answer", 2: "mine"}
    assert warehouse.asked == [[nowhere, there]]
    assert not list(store.lookup(Requests(replace(part, input=Input.TEXT_LIST), ["[]"], [there])))


def test_answers_that_no_query_subtracts_are_found_in_the_warehouse_vectors_too(warehouse: Warehouse, journal: Journal) -> None:
    warehouse.stored = answers(1)
    store = WarehouseStore(journal.store, warehouse, Outbox(warehouse, print), subtracted=False)  # type: ignore[arg-type]
    requests = delivery(1).requests
    [found] = store.lookup(requests)
    assert sorted(found.positions.tolist()) == list(range(200)) and np.array_equal(found.values, np.ones((200, 64)))


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DBT_AI_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="until the warehouse has them, which cannot be written .*; set DBT_AI_CACHE_DIR to a folder that"):
        Journal(["warehouse"])
