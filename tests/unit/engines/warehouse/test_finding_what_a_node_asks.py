"""What is asked and what is joined is what the same SQL gives where the AI call is a function: DuckDB runs both."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import duckdb
import pytest

from dbt_ai.engines.warehouse.collecting import collecting_queries
from dbt_ai.engines.warehouse.joining import with_joins
from dbt_ai.engines.warehouse.look_ups import Unreadable, read, require_names
from dbt_ai.engines.warehouse.views import with_views

TABLES = """
create table t as select * from (values
  (1, 'a', 'apple'), (2, 'b', 'bear'), (3, 'a', 'apple'), (4, null, 'cat'), (5, 'c', null), (6, 'b', 'dog')) as t(id, key, value);
create table u as select * from (values ('a', 10), ('b', 20), ('d', 30)) as u(key, n);
create schema dbt_ai;
create table dbt_ai.responses (key blob, function varchar, model varchar, value varchar, input_tokens double, output_tokens double);
create table dbt_ai.failures (key blob, message varchar);
"""


def digest(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def look_up(name: str, input: str) -> str:
    call = json.dumps({"function": name}).replace("'", "''")
    return (
        "(select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value,"
        f" '{call}' as dbt_ai_call from dbt_ai.responses) as dbt_ai_answer"
        f" where dbt_ai_answer.dbt_ai_key = unhex(sha256(('{digest(name)}' || cast(({input}) as varchar)))))"
    )


def answer(name: str, text: str | None) -> str | None:
    """Two letters, so that answers meet: a yes or no of f, and what others say."""
    if text is None:
        return None
    return ("no", "yes")[len(text) % 2] if name == "f" else f"{name}:{text[:2]}"


@dataclass
class Warehouse:
    connection: duckdb.DuckDBPyConnection
    asked: dict[str, list[str]] = field(default_factory=dict)
    rounds: int = 0

    def answer_all(self, sql: str) -> None:
        """What a plan does: every query once what it depends on is answered."""
        queries = collecting_queries(read(sql, "duckdb"), lambda _: None)
        done: set[int] = set()
        while len(done) < len(queries):
            ready = [number for number, query in enumerate(queries) if number not in done and query.depends_on <= done]
            assert ready, "look-ups wait for each other"
            for number in ready:
                name = json.loads(queries[number].call)["function"]
                rows = self.connection.execute(queries[number].sql).fetchall()
                missing = [row[0] for row in rows if row[0] is not None]
                assert len(rows) == len(missing) + 1
                self.asked.setdefault(name, []).extend(missing)
                for text in missing:
                    key = hashlib.sha256((digest(name) + text).encode()).digest()
                    row = [key, name, name, answer(name, text), 2.0, 1.0]
                    self.connection.execute("insert into dbt_ai.responses values (?, ?, ?, ?, ?, ?)", row)
            done.update(ready)
            self.rounds += 1


@pytest.fixture
def warehouse() -> Warehouse:
    connection = duckdb.connect()
    connection.execute(TABLES)
    for name in "fgh":
        connection.create_function(name, partial(answer, name), ["VARCHAR"], "VARCHAR", null_handling="special")  # type: ignore[arg-type]
    return Warehouse(connection)


# SQL with f(x), g(x), h(x) for AI calls; what each is asked, where it matters that nothing else is.
CASES: dict[str, tuple[str, dict[str, set[str]]]] = {
    "a column": ("select id, f(value) as x from t", {"f": {"apple", "bear", "cat", "dog"}}),
    "a column of the names of the look-up": ("select value, key, f(key) as k, g(value) as v from t", {"f": {"a", "b", "c"}}),
    "columns of names that joins have": (
        "select dbt_ai_1_value, f(dbt_ai_1_value) as x, g(dbt_ai_1_key) as y"
        " from (select value as dbt_ai_1_value, key as dbt_ai_1_key from t) as dbt_ai_2",
        {"g": {"a", "b", "c"}},
    ),
    "CTEs and columns of names that the queries have": (
        "with dbt_ai_asked as (select value as dbt_ai_input, id from t), dbt_ai_found as (select * from dbt_ai_asked)"
        " select dbt_ai_input, f(dbt_ai_input) as x from dbt_ai_found order by dbt_ai_input limit 3",
        {"f": {"apple", "bear"}},
    ),
    "every column": ("select *, f(value) as x from t", {}),
    "every column of a join": ("select *, f(t.value) as x from t join u on t.key = u.key", {"f": {"apple", "bear", "dog"}}),
    "merged columns": ("select *, f(value) as x from t join u using (key)", {"f": {"apple", "bear", "dog"}}),
    "nested": ("select id, g(f(value) || value) as x from t", {"g": {"yesapple", "nobear", "yescat", "yesdog"}}),
    "in where": ("select id from t where f(value) = 'yes'", {"f": {"apple", "bear", "cat", "dog"}}),
    "in where beside another condition": ("select id from t where f(value) = 'yes' and id < 3", {"f": {"apple", "bear"}}),
    "in where or what is cheap": ("select id from t where f(value) = 'yes' or id < 4", {"f": {"cat", "dog"}}),
    "two in where": ("select id from t where f(value) = 'yes' and g(key) = 'g:b'", {"g": {"a", "b"}}),
    "what is not filtered out": ("select id, g(value) as x from t where f(value) = 'yes'", {"g": {"apple", "cat", "dog"}}),
    "in case": (
        "select id, case when id < 2 then 'x' when f(value) = 'yes' then g(value) when key = 'b' then h(value) end as x from t",
        {"f": {"apple", "bear", "cat", "dog"}, "g": {"apple", "cat", "dog"}, "h": {"bear"}},
    ),
    "in case of a value": (
        "select case key when 'a' then f(value) when 'b' then g(value) else h(value) end as x from t",
        {"f": {"apple"}, "h": {"cat"}},
    ),
    "in the condition of a case": (
        "select case when id = 1 then 'x' when f(value) = 'no' then 'y' end as x from t where id < 3",
        {"f": {"bear"}},
    ),
    "in coalesce": ("select coalesce(key, f(value)) as x from t", {"f": {"cat"}}),
    "in if": ("select if(id < 3, f(value), 'z') as x from t", {"f": {"apple", "bear"}}),
    "in a join": ("select t.id, u.n from t join u on t.key = u.key and f(t.value) = 'yes'", {"f": {"apple", "bear", "dog"}}),
    "in a left join": ("select t.id, u.n from t left join u on t.key = u.key and f(u.key || t.value) = 'yes' where u.n is null", {}),
    "on a group": ("select key, f(string_agg(value, ',' order by id)) as x from t group by key", {"f": {"apple,apple", "bear,dog", "cat"}}),
    "on all rows": ("select f(max(value)) as x, count(*) as n from t", {"f": {"dog"}}),
    "in an aggregate": (
        "select key, count(*) filter (where f(value) = 'yes') as n, min(g(value)) as m from t group by key",
        {"g": {"apple", "bear", "cat", "dog"}},
    ),
    "in a filtered aggregate": ("select key, max(f(value)) filter (where id < 3) as n from t group by key", {"f": {"apple", "bear"}}),
    "in having": ("select key from t group by key having f(max(value)) = 'yes' and count(*) > 1", {"f": {"apple", "dog"}}),
    "of what having leaves": ("select key, f(max(value)) as x from t group by key having count(*) > 1", {"f": {"apple", "dog"}}),
    "in group by": ("select f(value) as x, count(*) as n from t group by f(value)", {}),
    "in group by, by its place": ("select f(value) as x, count(*) as n from t group by 1", {}),
    "in group by, by its alias": ("select f(value) as x, count(*) as n from t group by x", {}),
    "in group by, by the name of a column that it has too": (
        "select f(value) as value, count(*) as n from t group by value",
        {"f": {"apple", "bear", "cat", "dog"}},
    ),
    "grouped by a column whose name it has, with an aggregate": (
        "select f(key) as key, g(max(value)) as value from t group by key order by key",
        {"f": {"a", "b", "c"}, "g": {"apple", "dog", "cat"}},
    ),
    "beside group by places": ("select upper(key) as k, f(max(value)) as x from t group by 1", {"f": {"apple", "dog", "cat"}}),
    "of an alias": ("select upper(value) as v, f(v) as x from t", {"f": {"APPLE", "BEAR", "CAT", "DOG"}}),
    "in a CTE": (
        "with a as (select id, f(value) as x from t), b as (select g('x') as unread) select id, h(x) as y from a",
        {"h": {"yes", "no"}, "g": None},
    ),
    "in CTEs within a subquery": (
        "select * from (with a as (select id, f(value) as x from t) select id, g(x) as y from a) as s",
        {"g": {"yes", "no"}},
    ),
    "in a derived table": (
        "select id, g(x) as y from (select id, f(value) as x from t) as s where id > 4",
        {"f": {"dog"}, "g": {"yes"}},
    ),
    "in a CTE that is filtered where it is read": (
        "with a as (select id as n, key, f(value) as x from t), b as (select * from a where n > 1)"
        " select * from b where b.key = 'b' and x > ''",
        {"f": {"bear", "dog"}},
    ),
    "filtered by what another query says": (
        "with a as (select *, f(value) as x from t) select * from a where id > (select max(id) - 1 from t) and x = 'yes'",
        {"f": {"dog"}},
    ),
    "filtered beside a left join": (
        "select a.id, u.n from (select id, key, f(value) as x from t) as a left join u on u.key = a.key and a.x = 'yes' where a.id < 3",
        {"f": {"apple", "bear"}},
    ),
    "filtered on the side of a join that has no row": (
        "select u.n, a.id from u left join (select id, key, f(value) as x from t) as a on u.key = a.key and a.x = 'yes'"
        " where a.id < 3 or a.id is null",
        {"f": {"apple", "bear", "cat", "dog"}},
    ),
    "filtered by a column of another name": (
        "select x from (select t.id as key, t.key as id, f(value) as x from t) as a where key > 4 and id = 'b'",
        {"f": {"dog"}},
    ),
    "filtered by what was computed": ("select x from (select id + 1 as id, f(value) as x from t) as a where id > 6", {}),
    "read twice and filtered once": (
        "with a as (select id, f(value) as x from t) select max(x) as x from a where id = 1 union all select min(x) from a",
        {"f": {"apple", "bear", "cat", "dog"}},
    ),
    "filtered after a limit": (
        "select x from (select id, f(value) as x from t order by id limit 2) as a where id > 1",
        {"f": {"apple", "bear"}},
    ),
    "filtered after a window": (
        "select n from (select id, rank() over (order by f(value)) as n from t) as a where id > 5",
        {"f": {"apple", "bear", "cat", "dog"}},
    ),
    "filtered above a window": (
        "select n from (select id, rank() over (order by x) as n from (select id, f(value) as x from t) as a) as b where id > 5",
        {"f": {"apple", "bear", "cat", "dog"}},
    ),
    "filtered above a group": (
        "select k from (select max(id) as id, min(x) as k from (select id, key, f(value) as x from t) as a group by key) as b where id = 5",
        {"f": {"apple", "bear", "cat", "dog"}},
    ),
    "in a union": (
        "select f(value) as x from t union all select f(key) as x from u",
        {"f": {"apple", "bear", "cat", "dog", "a", "b", "d"}},
    ),
    "above a limit": ("select id, f(value) as x from (select * from t order by id limit 2) as s", {"f": {"apple", "bear"}}),
    "under a limit": ("select id, f(value) as x from t order by id limit 2", {"f": {"apple", "bear"}}),
    "ordered by": ("select id from t order by f(value), id", {"f": {"apple", "bear", "cat", "dog"}}),
    "distinct": ("select distinct f(value) as x from t", {}),
    "in qualify": ("select id from t qualify f(value) = 'yes' and row_number() over (partition by key order by id) = 1", {}),
    "of what qualify leaves": (
        "select id, f(value) as x from t qualify row_number() over (partition by key order by id) = 1",
        {"f": {"apple", "bear", "cat"}},
    ),
    "beside a window": ("select id, f(value) as x, row_number() over (order by id) as n from t", {}),
    "in a window": ("select id, count(*) over (partition by f(value)) as n from t", {}),
    "of a subquery": ("select id from t where key in (select key from u where f(key) = 'yes')", {"f": {"a", "b", "d"}}),
    "without a table": ("select f('hello') as x", {"f": {"hello"}}),
    "of tables with a comma": ("select f(t.value) as x, u.n from t, u where t.key = u.key", {"f": {"apple", "bear", "dog"}}),
    "before a comment at the end": ("select id, f(value) as x from t -- of all of them", {}),
    "a window is what is asked": ("select id, f(w) as x from (select id, lag(value) over (order by id) as w from t) as s", {}),
}


def compiled(sql: str) -> str:
    """The SQL with look-ups in the place of f, g and h, innermost last."""
    for name in "fgh":
        while (start := _call_at(sql, name)) >= 0:
            end, depth = start + 2, 1
            while depth:
                depth += {"(": 1, ")": -1}.get(sql[end], 0)
                end += 1
            sql = sql[:start] + look_up(name, sql[start + 2 : end - 1]) + sql[end:]
    return sql


def _call_at(sql: str, name: str) -> int:
    """The last call: what is nested in an argument is replaced before what is around it."""
    found = [place for place in range(len(sql)) if sql.startswith(f"{name}(", place) and (place == 0 or not sql[place - 1].isalnum())]
    return found[-1] if found else -1


def rows(warehouse: Warehouse, sql: str) -> Any:
    table = warehouse.connection.execute(sql)
    columns = [column[0] for column in table.description or []]
    return columns, sorted(map(repr, table.fetchall()))


# DuckDB takes no aggregate in a correlated subquery, nor one of a group whose name it has, so these run as joins only.
NOT_ON_DUCKDB = {
    *("on a group", "on all rows", "in having", "of what having leaves", "beside group by places"),
    *("in group by, by the name of a column that it has too", "grouped by a column whose name it has, with an aggregate"),
}
if duckdb.__version__ < "2":
    del CASES["in a left join"]  # "Cannot perform non-inner join on subquery": only DuckDB 2.0 takes a look-up there


@pytest.mark.parametrize("case", CASES)
def test_answers_are_those_that_a_function_would_give_and_nothing_else_is_asked(warehouse: Warehouse, case: str) -> None:
    sql, asked = CASES[case]
    expected = rows(warehouse, sql)
    warehouse.answer_all(compiled(sql))
    assert rows(warehouse, with_joins(compiled(sql), "duckdb", True, lambda _: {})) == expected
    if case not in NOT_ON_DUCKDB:
        assert rows(warehouse, compiled(sql)) == expected
    for name, texts in asked.items():
        assert sorted(warehouse.asked.get(name, [])) == sorted(texts or ()), name


def test_a_second_plan_asks_nothing(warehouse: Warehouse) -> None:
    sql = compiled("select g(f(value)) as x from t")
    warehouse.answer_all(sql)
    warehouse.asked.clear()
    warehouse.answer_all(sql)
    assert not any(warehouse.asked.values())


def test_no_aggregate_stays_in_a_look_up_where_only_postgres_takes_one() -> None:
    for sql in ("select f(max(value)) as x from t", "select f(max(value)) as x from t group by key"):
        assert "dbt_ai_answer" not in with_joins(compiled(sql), "snowflake", False, lambda _: {})


@pytest.mark.parametrize(
    ("sql", "column"),
    [("select id, f(value) from t", 2), ("select upper(f(value)) from t union all select value from t", 1)],
)
def test_a_column_with_a_call_has_a_name(sql: str, column: int) -> None:
    with pytest.raises(Unreadable, match=f"its column {column} has an AI call and no name; write `as …` after the call"):
        require_names(read(compiled(sql), "snowflake"))


def test_columns_that_give_no_name_need_none() -> None:
    require_names(read(compiled("with a(x) as (select f(value) from t) select x from a union all select g(value) from t"), "snowflake"))


def test_keys_that_stand_twice_multiply_no_rows(warehouse: Warehouse) -> None:
    sql = compiled("select id, f(value) as x from t")
    warehouse.answer_all(sql)
    warehouse.connection.execute("insert into dbt_ai.responses from dbt_ai.responses")
    joined = with_joins(sql, "duckdb", False, lambda _: {"function": "f"})
    assert "GROUP BY" in joined
    assert len(warehouse.connection.execute(joined).fetchall()) == 6


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (
            "select id, (select max(f(t.value || u.key)) from u where u.key = t.key) as x from t",
            "reads t.value of the query around it; move the subquery",
        ),
        (
            "with recursive r as (select 1 as n, f('a') as x union all select n + 1, f(x) from r where n < 3) select * from r",
            "recursive CTE r",
        ),
        ("select f(value || random()) as x from t", "which is another one each time it is read; materialize those rows"),
        ("select f(value || now()) as x from t", "an AI call is asked NOW()"),
        ("select f(value) as x from t using sample 2", "an AI call reads a sample"),
        ("select f(lag(value) over (order by id)) as x from t", "asked the window function LAG.*; compute it in a CTE"),
        ("select f(localtimestamp) as x from t", "an AI call is asked LOCALTIMESTAMP"),
        ("select f(dbt_ai_key) as x from (select value as dbt_ai_key from t) as q", "a name that its look-up has too"),
        ("select id from t where f(value) === 'yes", "its SQL cannot be read"),
        ("select f('a'); select 2", "is not one select"),
    ],
)
def test_what_cannot_be_planned_is_one_sentence_that_says_what_to_move(sql: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        collecting_queries(read(compiled(sql), "duckdb"), lambda _: None)


def test_all_other_text_stays_as_it_was_written() -> None:
    """sqlglot reads <=> as another operator, ~~ as LIKE, and writes a sample after the where: what it writes is not what it read."""
    call = json.dumps({"function": "f"})
    key = f"sha256(convert_to('{digest('f')}' || cast((body) as text), 'UTF8'))"
    looked_up = (
        f"(select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{call}' as dbt_ai_call"
        f" from dbt_ai.responses) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = {key})"
    )
    before = "select /* all */ e <=> '[1]'::vector as d, /* here */ "
    after = ", a ~~ 'x%' as l\nfrom t as tt /* the sources */ tablesample system (10)"
    end = "\nwhere e <#> '[2]' < 3 -- near\norder by e <=> '[1]'"
    joined = with_joins(before + looked_up + " as x" + after + end, "postgres", True, lambda _: {"function": "f"})
    answers = "SELECT key AS dbt_ai_1_key, value AS dbt_ai_1_value FROM dbt_ai.responses WHERE function = 'f'"
    assert joined == (
        f"{before}dbt_ai_1.dbt_ai_1_value as x{after}\nleft join ({answers}) as dbt_ai_1 on dbt_ai_1.dbt_ai_1_key = {key}{end}"
    )


def looked_up_vector(text: str) -> str:
    call = json.dumps({"function": "f"})
    key = f"sha256(convert_to('{digest('f')}' || cast(({text}) as text), 'UTF8'))"
    return (
        f"cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{call}' as dbt_ai_call"
        f" from dbt_ai.responses) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = {key}) as vector(3))"
    )


def test_postgres_casts_an_answer_once_for_each_input() -> None:
    joined = with_joins(f"select i, {looked_up_vector('body')} as v from t where i > 1 limit 9", "postgres", True, lambda _: {})
    head, _, join = joined.partition("\nleft join ")
    assert head == "select i, dbt_ai_1.dbt_ai_1_value as v from t"
    assert join.count("as vector(3))") == 1
    assert 'from (select distinct (CAST((body) AS TEXT)) collate "C" as dbt_ai_1_input from t where i > 1) as dbt_ai_1_asked' in join
    assert join.endswith('offset 0) as dbt_ai_1 on dbt_ai_1.dbt_ai_1_input = (CAST((body) AS TEXT)) collate "C" where i > 1 limit 9')


def test_postgres_reads_inputs_that_were_kept_and_looks_the_others_up() -> None:
    sql = f"with t as (select * from u) select i, {looked_up_vector('body')} as v from t where i > 1"
    [query] = collecting_queries(read(sql, "postgres"), lambda _: None, new_table=lambda: '"p".analytics.asked_1')
    assert query.kept is not None
    assert query.kept.rows == "WITH t AS (SELECT * FROM u) SELECT CAST((body) AS TEXT) AS dbt_ai_input FROM t WHERE i > 1"
    assert f"from ({query.kept.rows}) as dbt_ai_rows" in query.kept.made
    assert 'FROM "p".analytics.asked_1 AS dbt_ai_asked LEFT JOIN' in query.kept.sql
    joined = with_joins(sql, "postgres", True, lambda _: {}, {query.kept.start: query.kept.table})
    assert f"case when dbt_ai_1.dbt_ai_1_input is null then {looked_up_vector('body')} else dbt_ai_1.dbt_ai_1_value end as v" in joined
    assert 'from "p".analytics.asked_1 as dbt_ai_1_asked left join' in joined and "distinct" not in joined


def test_inputs_are_kept_only_where_they_are_read_apart_from_the_rows() -> None:
    sql = f"select i, {looked_up_vector('body')} as v, {look_up('f', 'body')} as x from t"
    vector, text = collecting_queries(read(sql.replace("unhex", ""), "postgres"), lambda _: None, new_table=lambda: "asked_1")
    assert vector.kept and not text.kept, "a text is not cast"


@pytest.mark.parametrize(
    "sql",
    [
        "select {} as v from t join u using (id)",
        "select {} as v from (select * from t) as s",
        "select {} as v from t where (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key,"
        " message as dbt_ai_message from dbt_ai.failures) as dbt_ai_failure"
        " where dbt_ai_failure.dbt_ai_key = sha256(convert_to('{digest}' || body, 'UTF8'))) is null",
        "select * from u where exists (select {} from t where t.id = u.id)",
        "select {} as v from t for update",
    ],
)
def test_rows_that_are_dear_to_read_again_or_depend_on_others_are_joined_by_key(sql: str) -> None:
    joined = with_joins(sql.format(looked_up_vector("body"), digest=digest("f")), "postgres", True, lambda _: {})
    assert "distinct" not in joined


def test_operators_of_pgvector_are_collected_as_they_are() -> None:
    call = json.dumps({"function": "f"})
    sql = (
        f"select (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{call}' as dbt_ai_call"
        f" from dbt_ai.responses) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to('{digest('f')}' ||"
        " cast((body) as text), 'UTF8'))) as x from t where e <=> '[1]' < 0.3 and e <#> '[1]' < 0.3 and (a is not distinct from b)"
    )
    [query] = collecting_queries(read(sql, "postgres"), lambda _: None)
    assert all(condition in query.sql for condition in ("e <=> '[1]' < 0.3", "e <#> '[1]' < 0.3", "a IS NOT DISTINCT FROM b"))


def test_the_definition_that_a_database_has_of_a_view_is_read_in_the_place_of_its_name() -> None:
    """As Postgres writes it: casts, brackets, no `as`."""
    call = json.dumps({"function": "f"})
    view = (
        "SELECT texts.i, ( SELECT max(dbt_ai_answer.dbt_ai_value) AS max FROM ( SELECT responses.key AS dbt_ai_key,"
        f" responses.value AS dbt_ai_value, '{call}'::text AS dbt_ai_call FROM dbt_ai.responses) dbt_ai_answer"
        f" WHERE (dbt_ai_answer.dbt_ai_key = sha256(convert_to(('{digest('f')}'::text || ('Label: '::text || texts.body)), 'UTF8'::name))))"
        " AS answer FROM analytics.texts;"
    )
    through = {'"p"."analytics"."seen"': view, "analytics.through": "SELECT seen.i, seen.answer FROM analytics.seen WHERE (seen.i < 10);"}
    statement = with_views(read('select * from "p"."analytics"."through" as t where i > 4', "postgres"), through)
    [query] = collecting_queries(statement, lambda _: None)
    assert "(CAST('Label: ' AS TEXT) || texts.body) AS dbt_ai_input FROM analytics.texts" in query.sql
