"""Answers kept in a DuckDB file, on disk as in a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.errors import StoreError
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure, Responses
from dbt_ai.store import prompts
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import VERSION, Tables
from dbt_ai.store.version_1 import Version1
from dbt_ai.tokens import TokenCount

CHAT = "https://api.openai.com/v1/chat/completions"

# The tables as version 1 made them.
VERSION_1 = """
    create schema dbt_ai;
    create table dbt_ai.responses (key blob not null, function varchar not null, model varchar not null, value varchar, vector float[],
        input_tokens double, output_tokens double, created_at timestamptz not null, used_on date not null, node varchar);
    create table dbt_ai.usage (invocation_id varchar not null, node varchar not null, external_model varchar not null,
        model varchar not null, requests bigint not null, distinct_requests bigint not null, from_store bigint not null,
        executed bigint not null, failed bigint not null, refused bigint not null, broken bigint not null, retried bigint not null,
        truncated bigint not null, input_tokens bigint not null, output_tokens bigint not null, cost_usd double, saved_usd double,
        started_at timestamptz not null, seconds double not null);
    create table dbt_ai.store_version (version integer);
    insert into dbt_ai.store_version values (1);
"""
# The keys that version 1 made for the input 'x' of ai_query by model 'default' in api_format 'OpenAI'.
KEY_ON_LOOPBACK = "AB1358E80CA526C1A2D7F0F652B2FE0F1BB0C0913EEB52D5A4C03C6ED37E547D"  # http://127.0.0.1:18801/v1/chat/completions
KEY_AT_OPENAI = "92665810B82827A5829FABE2B85055B086499FCB8F1D53AC1C4A59B802B78E4B"  # CHAT
KEY_OF_IDENTITY = "0A5C87A03A8664E4D03CE7615632AD70B03D270D232CBAA813925CFABF17E428"  # identity='mine'


def call_of(location: str = CHAT, kind: str = "CHAT", **more: Any) -> Call:
    model = {"name": "m", "location": location, "api_format": "OpenAI", "model_type": kind, "model": "default", **more}
    return parse_call(json.dumps({"function": "ai_query" if kind == "CHAT" else "ai_embed", "model": model}), False)


def requests_of(call: Call, *inputs: str) -> Requests:
    return Requests(call, inputs, call.keys(inputs))


def delivery(call: Call, answers: dict[str, Any], **failures: str) -> Delivery:
    requests = requests_of(call, *answers)
    failed = {list(answers).index(text): Failure(cause, cause) for text, cause in failures.items()}
    values: Any = np.array(list(answers.values()), dtype=np.float32) if call.embeds else list(answers.values())
    return Delivery(requests, range(len(answers)), Responses(values, failed))


def found(store: DuckDBStore, call: Call, *inputs: str) -> dict[str, Any]:
    answers = {}
    for stored in store.lookup(requests_of(call, *inputs)):
        for position, value in zip(stored.positions.tolist(), stored.values, strict=True):
            assert inputs[position] not in answers, f"{inputs[position]!r} was found twice"
            answers[inputs[position]] = value.tolist() if call.embeds else value
    return answers


@pytest.fixture
def database(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "answers.duckdb")) as connection:
        yield connection


@pytest.fixture
def store(database: duckdb.DuckDBPyConnection) -> DuckDBStore:
    return DuckDBStore(database.cursor, Tables("dbt_ai"))


def version_1(database: duckdb.DuckDBPyConnection, *rows: tuple[str, str, str]) -> None:
    database.execute(VERSION_1)
    for key, model, value in rows:
        database.execute(
            "insert into dbt_ai.responses values (unhex(?), 'ai_query', ?, ?, null, 1, 1, now(), current_date, 'n')", [key, model, value]
        )


def test_answers_are_found_again_and_failures_are_not_answers(store: DuckDBStore):
    store.put([delivery(call_of(), {"x": "1", "y": "2", "z": ""}, z="it broke")], "node")
    assert found(store, call_of(), "y", "z", "x", "w") == {"x": "1", "y": "2"}
    embeds = call_of("https://api.openai.com/v1/embeddings", "EMBEDDINGS")
    store.put([delivery(embeds, {"x": [1, 2], "y": [3, 4]})], "node")
    assert found(store, embeds, "y", "x") == {"x": [1, 2], "y": [3, 4]}


def test_a_request_that_is_answered_twice_is_stored_once_with_its_first_answer(store: DuckDBStore, database):
    store.put([delivery(call_of(), {"x": "first"}), delivery(call_of(), {"x": "again", "y": "1"})], "node")
    store.put([delivery(call_of(), {"x": "later", "z": "2"})], "node")
    assert found(store, call_of(), "x", "y", "z") == {"x": "first", "y": "1", "z": "2"}
    assert database.execute("select count(*), count(distinct key) from dbt_ai.responses").fetchall() == [(3, 3)]


def test_stores_of_one_file_that_write_at_once_keep_each_request_once(database):
    stores = [DuckDBStore(database.cursor, Tables("dbt_ai")) for _ in range(8)]
    answers = {str(number): "answer" for number in range(40)}
    start = threading.Barrier(len(stores))

    def write(store: DuckDBStore) -> None:
        start.wait()
        for text, answer in answers.items():
            store.put([delivery(call_of(), {text: answer})], "node")

    threads = [threading.Thread(target=write, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.execute("select count(*), count(distinct key) from dbt_ai.responses").fetchall() == [(40, 40)]


def test_a_key_that_somebody_wrote_twice_is_answered_once_as_before(store: DuckDBStore, database):
    texts = [str(number) for number in range(20)]
    store.put([delivery(call_of(), {text: f"answer {text}" for text in texts})], "node")
    database.execute("insert into dbt_ai.responses select * replace ('wrong' as value) from dbt_ai.responses where value = 'answer 7'")
    assert found(store, call_of(), *texts) == {text: f"answer {text}" for text in texts}


def test_vectors_of_two_lengths_that_arrive_together_are_both_stored(store: DuckDBStore, database):
    embeds = call_of("https://api.openai.com/v1/embeddings", "EMBEDDINGS")
    store.put([delivery(embeds, {"x": [1, 2]}), delivery(embeds, {"y": [1, 2, 3]})], "node")
    assert database.execute("select vector from dbt_ai.responses order by len(vector)").fetchall() == [([1, 2],), ([1, 2, 3],)]


def test_a_vector_of_another_length_is_no_answer_and_is_replaced(store: DuckDBStore, database):
    embeds = call_of("https://api.openai.com/v1/embeddings", "EMBEDDINGS")
    longer = replace(embeds, dimensions=3)
    store.put(
        [
            delivery(
                embeds,
                {
                    "x": [1, 2],
                    "y": [
                        1,
                        2,
                    ],
                },
            )
        ],
        "node",
    )
    assert found(store, longer, "x", "y") == {}
    store.put([delivery(longer, {"x": [1, 2, 3]})], "node")
    assert found(store, longer, "x", "y") == {"x": [1, 2, 3]}
    assert database.execute("select count(*), count(distinct key) from dbt_ai.responses").fetchall() == [(2, 2)]


def test_usage_says_of_an_invocation_what_was_told_last(store: DuckDBStore, database):
    store.write_usage("one", [Usage("n", "llm", "gpt", requests=3, executed=2, failed=1, from_store=4)])
    store.write_usage("one", [Usage("n", "llm", "gpt", requests=5, executed=4, failed=1, from_store=4)])
    store.write_usage("two", [Usage("n", "llm", "gpt")])
    columns = "invocation_id, node, external_model, model, requests, distinct_requests, from_store, executed, failed, cost_usd"
    assert database.execute(f"select {columns} from dbt_ai.usage order by all").fetchall() == [
        ("one", "n", "llm", "gpt", 5, 9, 4, 4, 1, None),
        ("two", "n", "llm", "gpt", 0, 0, 0, 0, 0, None),
    ]
    assert database.execute("select count(*) from dbt_ai.usage where abs(date_diff('second', now(), started_at)) < 60").fetchall() == [(2,)]


def test_doubles_in_a_store_of_version_1_are_removed_and_said(database):
    openai = Version1.identity(call_of().model)
    version_1(database, (KEY_AT_OPENAI, openai, "first"), (KEY_AT_OPENAI, openai, "second"), (KEY_OF_IDENTITY, "mine", "kept"))
    said: list[str] = []
    store = DuckDBStore(database.cursor, Tables("dbt_ai"), say=said.append)
    assert found(store, call_of(), "x") == {"x": "first"}
    assert found(store, call_of(identity="mine"), "x") == {"x": "kept"}
    assert said == ['dbt_ai: 1 answers in "dbt_ai" that were stored twice are stored once']
    assert database.execute("select version from dbt_ai.store_version").fetchall() == [(VERSION,)]


def test_what_an_older_store_counted_as_refused_is_counted_as_throttled(database):
    database.execute(VERSION_1)
    database.execute(f"insert into dbt_ai.usage select 'one', 'n', 'llm', 'gpt', 9, 4, 0, 4, 0, 5, {'0, ' * 5} null, null, now(), 1")
    store = DuckDBStore(database.cursor, Tables("dbt_ai"))
    store.write_usage("two", [Usage("n", "llm", "gpt", throttled=2)])
    assert database.execute("select throttled from dbt_ai.usage order by all").fetchall() == [(2,), (5,)]


@pytest.mark.parametrize(("location", "key"), [("http://127.0.0.1:18801/v1/chat/completions", KEY_ON_LOOPBACK), (CHAT, KEY_AT_OPENAI)])
def test_answers_of_version_1_are_found_by_the_endpoint_that_alone_can_have_asked(database, location: str, key: str):
    call = call_of(location)
    version_1(database, (key, Version1.identity(call.model), "paid"))
    store = DuckDBStore(database.cursor, Tables("dbt_ai"), version_1=Version1(lambda: [call.model]))
    for _ in range(2):
        assert found(store, call, "x", "y") == {"x": "paid"}
    other = call_of("http://127.0.0.1:18802/v1/chat/completions")
    assert found(store, other, "x") == {}
    assert database.execute("select model, key_version from dbt_ai.responses").fetchall() == [(call.model.key_identity, 2)]


def test_a_local_model_s_new_weights_answer_in_the_place_of_the_old(store: DuckDBStore, database):
    call = call_of("package://m", "EMBEDDINGS")
    for weights, number in (("old", 1), ("new", 2)):
        requests = Requests(call, ["a", "b"], call.keys(["a", "b"]), weights)
        assert not list(store.lookup(requests))
        store.put([Delivery(requests, [0, 1], Responses(np.full((2, 2), number, np.float32)))], None)
        [stored] = list(store.lookup(requests))
        assert stored.values.tolist() == [[number, number]] * 2
    assert database.execute("select count(*) from dbt_ai.responses").fetchall() == [(2,)]


def test_answers_of_version_1_that_two_endpoints_may_have_given_are_used_by_none_and_said(database):
    calls = [call_of(f"http://127.0.0.1:{port}/v1/chat/completions") for port in (18801, 18802)]
    version_1(database, (KEY_ON_LOOPBACK, Version1.identity(calls[0].model), "whose?"))
    said: list[str] = []
    store = DuckDBStore(database.cursor, Tables("dbt_ai"), version_1=Version1(lambda: [call.model for call in calls]), say=said.append)
    for call, answer in zip(calls, ("one", "two"), strict=True):
        assert found(store, call, "x") == {}
        store.put([delivery(call, {"x": answer})], "node")
    assert [found(store, call, "x") for call in calls] == [{"x": "one"}, {"x": "two"}]
    assert len(said) == 1
    assert "1 answers were stored before a port was part of a model's identity" in said[0]
    assert "127.0.0.1:18801" in said[0] and "127.0.0.1:18802" in said[0] and "asked again" in said[0]


def test_a_release_that_changes_a_prompt_says_which_answers_it_no_longer_uses(database, monkeypatch):
    said: list[str] = []
    classify = replace(call_of(), function="ai_classify")
    for version in (2, 2, 3, 3):
        monkeypatch.setitem(prompts.VERSIONS, "ai_classify", version)
        store = DuckDBStore(database.cursor, Tables("dbt_ai"), say=said.append)
        found(store, classify, "x")
        found(store, call_of(), "x")
        store.put([delivery(classify, {"x": "label"})], "node")
    [line] = said
    assert "the built-in prompt of ai_classify is version 3, and was 2: its 1 stored answers are not used" in line


def test_inputs_are_kept_beside_answers_only_where_that_is_said_and_beside_older_ones_when_they_are_found(store: DuckDBStore, database):
    call = replace(call_of(), messages=({"role": "system", "content": "Be brief."},))
    store.put([delivery(call, {"x": "1"})], "node")
    assert database.execute("select input, prompt from dbt_ai.responses").fetchall() == [(None, None)]
    keeping = DuckDBStore(database.cursor, Tables("dbt_ai"), keep_inputs=True)
    keeping.put([delivery(call, {"y\ud800": "2"})], "node")
    assert found(keeping, call, "x", "w") == {"x": "1"}
    prompt = '[{"role": "system", "content": "Be brief."}]'
    kept = database.execute("select input, prompt from dbt_ai.responses order by value").fetchall()
    assert kept == [("x", prompt), ("y\ufffd", prompt)]


def test_a_raised_output_limit_finds_what_was_not_cut_off_and_keeps_both(store: DuckDBStore, database):
    small, large, plain = (replace(call_of(), parameters=given) for given in ({"max_tokens": 8}, {"max_tokens": 64}, {}))
    for text, taken in (("short", 3), ("at the limit", 8)):
        store.put([replace(delivery(small, {text: text}), responses=Responses([text], tokens=TokenCount(9, taken)))], "node")
    assert found(store, large, "short", "at the limit", "new") == {"short": "short"}
    assert found(store, large, "short") == found(store, small, "short") == {"short": "short"}
    assert found(store, replace(large, parameters={"max_tokens": 64, "temperature": 1}), "short") == found(store, plain, "short") == {}
    store.put([delivery(large, {"long": "long"})], "node")
    assert found(store, small, "long") == {}  # it may have been cut off
    assert database.execute("select output_limit, node from dbt_ai.responses where value = 'short' order by 1").fetchall() == [
        (8, "node"),
        (64, "node"),
    ]


def test_two_endpoints_on_one_host_do_not_share_answers(store: DuckDBStore):
    one, two = (call_of(f"http://127.0.0.1:{port}/v1/chat/completions") for port in (18801, 18802))
    store.put([delivery(one, {"x": "of one"})], "node")
    assert found(store, two, "x") == {}
    assert found(store, one, "x") == {"x": "of one"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("alter table dbt_ai.responses drop column vector", "vector is missing and should be FLOAT[]"),
        ("alter table dbt_ai.responses alter column value type integer", "value is INTEGER and should be VARCHAR"),
        ("alter table dbt_ai.responses add column more integer default 1; alter table dbt_ai.responses alter column more drop default;"
         " alter table dbt_ai.responses alter column more set not null", "more is not known and may not be left out"),
        ("alter table dbt_ai.usage drop column cost_usd", "table 'usage' cost_usd is missing"),
        ("delete from dbt_ai.store_version; insert into dbt_ai.store_version values (99)", "store version 99"),
    ],
)  # fmt: skip
def test_a_store_of_another_shape_is_refused_before_anything_is_paid(database, change: str, problem: str):
    DuckDBStore(database.cursor, Tables("dbt_ai")).check()
    database.execute(change)
    store = DuckDBStore(database.cursor, Tables("dbt_ai"))
    for use in (store.check, lambda: found(store, call_of(), "x")):
        with pytest.raises(StoreError) as refused:
            use()
        assert problem in str(refused.value) and "\n" not in str(refused.value)


def test_an_older_store_that_is_refused_stays_as_it_was(database):
    database.execute(VERSION_1)
    database.execute("alter table dbt_ai.responses drop column used_on")
    columns = "select table_name, column_name from duckdb_columns() where table_name in ('responses', 'usage') order by all"
    before = database.execute(columns).fetchall()
    store = DuckDBStore(database.cursor, Tables("dbt_ai"))
    with pytest.raises(StoreError, match="used_on is missing"):
        store.check()
    assert database.execute(columns).fetchall() == before
    assert database.execute("select version from dbt_ai.store_version").fetchall() == [(1,)]


def test_a_column_that_came_between_two_releases_is_added(store: DuckDBStore, database):
    store.put([delivery(call_of(), {"x": "1"})], "node")
    database.execute("alter table dbt_ai.responses drop column output_limit; alter table dbt_ai.usage drop column answered_by")
    later = DuckDBStore(database.cursor, Tables("dbt_ai"))
    later.put([delivery(call_of(), {"y": "2"})], "node")
    later.write_usage("one", [Usage("n", "llm", "gpt")])
    assert found(later, call_of(), "x", "y") == {"x": "1", "y": "2"}


def test_a_column_of_the_users_own_does_no_harm(store: DuckDBStore, database):
    store.check()
    database.execute("alter table dbt_ai.responses add column note varchar")
    store.check()
    store.put([delivery(call_of(), {"x": "1"})], "node")
    assert found(store, call_of(), "x") == {"x": "1"}


def test_a_file_that_cannot_be_written_is_found_out_before_anything_is_paid(tmp_path: Path):
    path = str(tmp_path / "answers.duckdb")
    with duckdb.connect(path) as connection:
        DuckDBStore(connection.cursor, Tables("dbt_ai")).check()
    with duckdb.connect(path, read_only=True) as connection:
        store = DuckDBStore(connection.cursor, Tables("dbt_ai"))
        with pytest.raises(StoreError, match='answers cannot be kept in "dbt_ai" .*read-only'):
            store.check()


def test_names_that_need_quoting_are_quoted(database):
    store = DuckDBStore(database.cursor, Tables('my "answers"', "answers"))
    store.put([delivery(call_of(), {"x": "1"})], "node")
    store.write_usage("one", [Usage("n", "llm", "gpt")])
    assert found(store, call_of(), "x") == {"x": "1"}
    assert database.execute('select count(*) from "my ""answers""".responses').fetchall() == [(1,)]
