"""What is asked on Postgres is the text of a value of any type, and it is the text by which the answer is found again."""

from __future__ import annotations

import re

import pytest
import sqlglot
from models import EMBEDDER, LLM, ai_table, mock_answer
from warehouse import PostgresServer, WarehouseProject

from dbt_ai.engines.warehouse.grammar import grammar

pytestmark = pytest.mark.env("postgres")

# A value -> the text that is asked.
VALUES = {
    """'{"b": 1,   "a": [1]}\n'::json""": '{"b": 1,   "a": [1]}',
    """'{"b": 1,   "a": [1]}'::jsonb""": '{"a": [1], "b": 1}',
    """'"it''s"'::jsonb""": '"it\'s"',
    r"""'{"a": "x\u0000y\ud800"}'::json""": r'{"a": "x\u0000y\ud800"}',
    "array['a', 'b,c', null]": '["a","b,c",null]',
    "array[[1, 2], [3, 4]]": "[[1,2],[3,4]]",
    "cast(array[] as text[])": "[]",
    "row(1, 'x', true)::pair": '{"a":1,"b":"x","c":true}',
    "'happy'::mood": "happy",
    "'a text'::words": "a text",
    "date '2026-01-02'": "2026-01-02",
    "timestamp '2026-01-02 03:04:05.6'": "2026-01-02 03:04:05.6",
    "timestamptz '2026-01-02 03:04:05+02'": "2026-01-02 01:04:05+00",
    "timestamptz '0044-03-15 03:04:05.678+02 BC'": "0044-03-15 01:04:05.678+00 BC",
    "timestamptz 'infinity'": "infinity",
    "interval '1 day 2 hours'": "1 day 02:00:00",
    "1.50::numeric(10, 2)": "1.50",
    "0.1::float8 + 0.2": "0.30000000000000004",
    "true": "true",
    r"'\xdeadbeef'::bytea": r"\xdeadbeef",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "inet '10.0.0.1'": "10.0.0.1/32",
    "'ab'::char(5)": "ab",
    "'[1,2,3]'::vector": "[1,2,3]",
    "date_part('epoch', timestamp '2026-01-31 10:11:12.345')": "1769854272.345",
    "to_hex(255)": "ff",
    "$q$100% it's {} $1 \\ $q$ || E'\\'\\n' || '%s'": "100% it's {} $1 \\ '\n%s",
}
MOMENT = list(VALUES).index("timestamptz '2026-01-02 03:04:05+02'")


def test_a_value_of_any_type_is_asked_as_its_text_and_its_answer_found_again(on_postgres: WarehouseProject):
    project = on_postgres
    project.query(
        "create type mood as enum ('sad', 'happy'); create type pair as (a int, b text, c bool); create domain words as text;"
        " create schema analytics; create table analytics.given as select "
        + ", ".join(f"{value} as c{number}" for number, value in enumerate(VALUES))
        + "; insert into analytics.given select"
        + ",".join([" null"] * len(VALUES))
    )
    columns = [f"c{number}" for number in range(len(VALUES))]
    asking = ", ".join(f"{{{{ dbt_ai.ai_query(ref('llm'), '{column}') }}}} as {column}" for column in columns)
    expressions = [value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") for value in VALUES]
    written = ", ".join(f"{{{{ dbt_ai.ai_query(ref('llm'), '{value}') }}}} as c{number}" for number, value in enumerate(expressions))
    embedded = ", ".join(f"{{{{ dbt_ai.ai_embed(ref('embedder'), '{column}', fail_on_error=false) }}}} as {column}" for column in columns)
    project.write(
        {
            "models/llm.sql": LLM,
            "models/embedder.sql": EMBEDDER,
            "models/asked.sql": ai_table(f"select {asking} from analytics.given"),
            "models/written.sql": ai_table(f"select {written}"),
            "models/embedded.sql": ai_table(f"select {embedded} from analytics.given"),
        }
    )
    project.dbt("run", check=True)
    answers = tuple(map(mock_answer, VALUES.values()))
    assert project.query("select * from analytics.asked order by c0 nulls last") == [answers, (None,) * len(VALUES)]
    assert project.query("select * from analytics.written") == [answers]
    rows = project.query("select * from analytics.embedded order by c0 nulls last")
    assert all(value["response"] and not value["errorStatus"] for value in rows[0]) and rows[1] == (None,) * len(VALUES)
    # Who reads has another session than who asked.
    project.query(f"alter database {project.name} set timezone = 'Asia/Kolkata'; alter database {project.name} set datestyle = 'SQL, DMY'")
    call = f"{{{{ dbt_ai.ai_query(ref('llm'), 'c{MOMENT}') }}}}"
    view = f"{{{{ config(materialized='view') }}}} select {call} as c{MOMENT} from analytics.given"
    project.write({"models/seen.sql": view})
    project.dbt("run", "--select", "seen", check=True)
    assert project.query(f"select c{MOMENT} from analytics.seen order by 1 nulls last") == [(answers[MOMENT],), (None,)]
    project.query(f"alter database {project.name} reset all")
    again = project.dbt("run", check=True)
    assert all("0 requests" in again.message(node) for node in ("asked", "written", "embedded")), again.output


# Expressions that a parser is tempted to write in another way.
EXPRESSIONS = r"""
to_hex(255)
date_part('epoch', moment)::text
date_part('year', moment)::text
log10(100.5::float8)::text
date_add(timestamptz '2026-01-01 00:00+00', interval '1 day')::text
json_extract_path(body::json, 'a')::text
regexp_like(words, 'T', 'i')::text
json_object('{a,1,b,2}')::text
convert(words::bytea, 'UTF8', 'LATIN1')::text
date '2026-01-31'::text || '!'
timestamp '2026-01-31 10:00'::date::text
(|/ 25.0)::text
(||/ 27.0)::text
(select string_agg(distinct item, ',' order by item desc) from unnest(list) as item)
(select jsonb_agg(item order by item) from unnest(list) as item)::text
(select count(*) filter (where item > 'p') from unnest(list) as item)::text
(select percentile_cont(0.5) within group (order by n) from unnest(array[1.0, 2.0, 4.0]) as n)::text
(select item || place::text from unnest(list) with ordinality as u(item, place) order by place desc limit 1)
left(words, -2) || right(words, 2)
substring(words from 2 for 3) || substring(words from 'e.')
overlay(words placing 'XX' from 2 for 1)
trim(both 't' from words) || btrim(words, 't1') || ltrim(words, 'te')
position('e' in words)::text || strpos(words, 'x')::text
to_char(moment, 'Day, DD Month YYYY "at" HH12 AM')
extract(isodow from moment)::text
(moment + interval '1 day 2 hours')::text
(moment at time zone 'Europe/Berlin')::text
(7 / 2)::text || (7 % 4)::text || (-7 / 2)::text || (2 ^ 3)::text || mod(7, 4)::text || div(7, 2)::text
(body ->> 'a') || (body #>> '{b,0}') || (body -> 'b' -> 0)::text
(body @? '$.b[*] ? (@ > 1)')::text || (body ? 'a')::text || (body - 'a')::text
list[1] || array_to_string(list, ',', '*') || list[1:2]::text
regexp_replace(words, '(t)(e)', '\2\1', 'g') || (regexp_match(words, '(e)(x)'))[2]
(words ~* '^T')::text || (words like 't\_%')::text || (words similar to 't(e|x)%')::text
E'a\'b\n\\' || $t$it's $1$t$ || U&'d\0061t' || '%s'
words::varchar(3) || words::char(3) || cast(words as text) collate "C"
current_schema()::text
(0x1F + 0b11)::text || X'1F'::text || (+ length(words))::text
(interval '1' day)::text || (interval '1-2' year to month)::text || (interval '1.5 hours')::text
(array[(select 'a'), 'b'])::text || ('{1,2}'::int[2])[2]::text || cast('{{1}}' as int[1][1])::text
(words ^@ 'te')::text || substring(words, 2, 3) || 'it is' 
  ' one text'
('{pg_class}'::regclass[])::text || ('{25}'::oid[])[1]::regtype::text
"""


def test_what_a_query_collects_and_a_view_says_has_the_same_bytes_as_what_is_looked_up(postgres: PostgresServer):
    database = postgres.database()
    postgres.rows(
        database,
        """create table t as select 'text 1'::text as words, '{"a": "x", "b": [1, 2]}'::jsonb as body,
        timestamp '2026-01-31 10:11:12.345' as moment, array['p', null, 'q'] as list""",
    )
    for expression in re.split(r"\n(?! )", EXPRESSIONS.strip()):
        query = f"select {expression} as x from t"
        expected = postgres.rows(database, query)
        [(definition,)] = postgres.rows(database, f"create or replace temp view v as {query}; select pg_get_viewdef('v'::regclass)")
        for text in (query, definition):
            written = sqlglot.parse_one(text, read=grammar("postgres")).sql(dialect=grammar("postgres"))
            assert postgres.rows(database, written) == expected, text
