"""What a model may be made of on a warehouse: every function, wherever in SQL it stands, in every materialization of dbt."""

from __future__ import annotations

import json
import re

import pytest
from models import EMBEDDER, LLM, RERANKER, ai_table, mock_answer
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

TEXTS = "select i, 'text ' || (i % 10) as body, date '2026-11-01' + i % 3 as day from generate_series(0, 29) as t(i)"
MODELS = {"models/llm.sql": LLM, "models/embedder.sql": EMBEDDER, "models/texts.sql": TEXTS}
PREFETCHED = """pre_hook="{{ dbt_ai.ai_prefetch() }}\""""


@pytest.fixture
def project(on_postgres: WarehouseProject) -> WarehouseProject:
    on_postgres.write(MODELS)
    return on_postgres


FUNCTIONS = {
    "ai_gen": "ai_gen(ref('llm'), 'body')",
    "ai_classify": "ai_classify(ref('llm'), 'body', ['a', 'b'])",
    "ai_extract": "ai_extract(ref('llm'), 'body', ['name'])",
    "ai_filter": "ai_filter(ref('llm'), 'body', 'It is nice')",
    "ai_analyze_sentiment": "ai_analyze_sentiment(ref('llm'), 'body')",
    "ai_summarize": "ai_summarize(ref('llm'), 'body')",
    "ai_translate": "ai_translate(ref('llm'), 'body', 'de')",
    "ai_fix_grammar": "ai_fix_grammar(ref('llm'), 'body')",
    "ai_mask": "ai_mask(ref('llm'), 'body', ['name'])",
    "ai_similarity": "ai_similarity(ref('embedder'), 'body', \"'refund'\")",
    "ai_embed": "ai_embed(ref('embedder'), 'body')",
}


def test_every_function_answers_each_row(project: WarehouseProject):
    columns = ",\n".join(f"{{{{ dbt_ai.{call} }}}} as {name}" for name, call in FUNCTIONS.items())
    safe = ",\n".join(
        f"{{{{ dbt_ai.{call[:-1]}, fail_on_error=false) }}}} as {name}" for name, call in FUNCTIONS.items() if name != "ai_similarity"
    )
    project.write(
        {
            "models/strict.sql": ai_table(f"select i, {columns} from {{{{ ref('texts') }}}}"),
            "models/safe.sql": ai_table(f"select i, {safe} from {{{{ ref('texts') }}}}"),
            "models/grouped.sql": ai_table(
                """select day, {{ dbt_ai.ai_agg(ref('llm'), 'body', 'What do they say?') }} as agg,
                {{ dbt_ai.ai_summarize_agg(ref('llm'), 'body') }} as summary
                from {{ ref('texts') }} group by day"""
            ),
        }
    )
    project.dbt("run", check=True)
    for table, rows in (("strict", 30), ("grouped", 3)):
        found = project.query(f"select * from analytics.{table}")
        assert len(found) == rows and all(None not in row for row in found)
    for name in FUNCTIONS:
        if name != "ai_similarity":
            good = f"count({name} -> 'response'), count({name} ->> 'errorStatus')"
            assert project.query(f"select {good} from analytics.safe") == [(30, 0)], name


# Where a call may stand: each selects a column `answer`. «x» is a call on x.
PLACES = {
    "nested": "select {{ dbt_ai.ai_query(ref('llm'), \"'again: ' || \" ~ dbt_ai.ai_query(ref('llm'), 'body')) }} as answer from texts",
    "in_where": "select body as answer from texts where «body» like 'mock%'",
    "in_case": "select case when i < 5 then «body» else 'none' end as answer from texts",
    "in_join": "select a.body as answer from texts as a join texts as b on a.i = b.i and «b.body» like 'mock%'",
    "in_group_by": "select «body» as answer, count(*) as c from texts group by 1",
    "in_having": "select max(body) as answer from texts group by day having «max(body)» like 'mock%'",
    "in_order_by": "select body as answer from texts order by «body» limit 5",
    "in_cte": "with a as (select «body» as answer from texts) select * from a where answer is not null",
    "in_union": "select «body» as answer from texts union all select «'u' || body» from texts",
    "in_aggregate": "select count(*) filter (where «body» like 'mock%') as answer from texts",
    "in_window": "select max(«body») over (partition by day) as answer from texts",
    "in_exists": "select body as answer from texts as t where exists"
    " (select 1 from (select «body» as b, i from texts) as x where x.i = t.i and x.b is not null)",
    "in_array": "select array[«body»] as answer from texts",
    "of_aggregate": "select «max(body)» as answer from texts group by day",
    "of_grouping_sets": "select «coalesce(max(body), 'x')» as answer from texts group by grouping sets ((day), ())",
    "of_window": "select «lagged» as answer from (select lead(body, 1, body) over (order by i) as lagged from texts) as t",
    "of_values": "select «v.x» as answer from (values ('a'), ('b')) as v(x)",
    "of_constant": "select «'one'» as answer",
    "distinct_rows": "select distinct «body» as answer from texts",
    "distinct_on": "select distinct on (day) «body» as answer from texts order by day, i",
    "over_commas": "select «a.body || b.body» as answer from texts a, texts b where a.i = b.i",
    "over_using": "select «a.body» as answer, * from texts a join texts b using (i, body, day)",
    "over_full_join": "select «coalesce(a.body, b.body)» as answer from texts a full join texts b on a.i = b.i + 5",
    "quoted": """select "Body" as answer, «"Body"» as "An Answer" from (select body as "Body" from texts) as "T\"""",
    "commented": "-- asks 'all'\nselect /* each */ «body» as answer from texts -- the end",
}


def written(sql: str) -> str:
    called = re.sub("«(.*?)»", lambda call: f"{{{{ dbt_ai.ai_query(ref('llm'), {call[1]!r}) }}}}", sql)
    return re.sub(r"\b(from|join|,) texts\b", r"\1 {{ ref('texts') }}", called)


def test_a_call_may_stand_anywhere(project: WarehouseProject):
    project.write({f"models/{name}.sql": ai_table(written(sql)) for name, sql in PLACES.items()})
    run = project.dbt("run")
    assert {name: result["message"] for name, result in run.results.items() if result["status"] != "success"} == {}
    empty = {}
    for name in PLACES:
        [(rows, answers)] = project.query(f"select count(*), count(answer) from analytics.{name}")
        if not rows or rows != answers:
            empty[name] = (rows, answers)
    assert empty == {}


ASK = "select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"
FILTERED = ASK.replace("ref('texts')", "ref('events')")


def test_every_materialization_of_dbt_has_its_answers(project: WarehouseProject):
    project.write(
        {
            "models/contracted.sql": ai_table(ASK),
            "models/contracted.yml": """models:
  - name: contracted
    config: {contract: {enforced: true}}
    columns: [{name: i, data_type: integer}, {name: answer, data_type: text}]
  - name: events
    config: {event_time: day}
""",
            "models/events.sql": "select i, body || i as body, day::timestamp as day from {{ ref('texts') }}",
            "models/batched.sql": "{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='i',"
            " event_time='day', batch_size='day', begin='2026-11-01', " + PREFETCHED + ") }} "
            + FILTERED.replace("select i,", "select i, day,"),
            "snapshots/kept.sql": "{% snapshot kept %}{{ config(unique_key='i', strategy='check', check_cols=['answer'], "
            + PREFETCHED + ") }} " + ASK + "{% endsnapshot %}",
        }
    )  # fmt: skip
    project.dbt("build", "--event-time-start", "2026-11-01", "--event-time-end", "2026-11-04", check=True)
    for table in ("contracted", "batched", "kept"):
        assert project.query(f"select count(*), count(answer) from analytics.{table}") == [(30, 30)], table


def test_a_contract_that_does_not_hold_is_found_before_anything_is_asked(project: WarehouseProject):
    columns = "columns: [{name: i, data_type: integer}, {name: answer, data_type: integer}]"
    schema = f"models: [{{name: NAME, config: {{contract: {{enforced: true}}}}, {columns}}}]"
    project.write(
        {
            "models/answers.sql": ai_table(ASK),
            "models/answers.yml": schema.replace("NAME", "answers"),
            "models/planned.sql": "{{ config(" + PREFETCHED + ") }} " + ASK,
            "models/planned.yml": schema.replace("NAME", "planned"),
        }
    )
    run = project.dbt("run")
    for model in ("answers", "planned"):
        assert "This model has an enforced contract that failed" in run.message(model)
    assert project.answers() == 0


def test_a_table_whose_calls_nothing_plans_is_warned_of(project: WarehouseProject):
    project.write(
        {
            "models/plain.sql": ASK,
            "models/planned.sql": "{{ config(" + PREFETCHED + ") }} " + ASK,
        }
    )
    run = project.dbt("run", check=True)
    assert "AI031: model.project.plain has AI calls that nothing plans" in run.output
    assert run.output.count("AI031") == run.output.count("AI031: model.project.plain")


def test_an_empty_run_asks_nothing(project: WarehouseProject):
    seen = "{{ config(materialized='view') }} " + ASK + " order by i limit 5"
    over = ai_table("select * from {{ ref('seen') }}")
    project.write({"models/answers.sql": ai_table(ASK), "models/seen.sql": seen, "models/over.sql": over})
    project.dbt("run", "--select", "texts", "seen", "llm", check=True)
    project.dbt("run", "--empty", "--select", "answers", "over", check=True)
    for table in ("analytics.answers", "analytics.over", "dbt_ai.responses"):
        assert project.query(f"select count(*) from {table}") == [(0,)], table


def test_a_deferred_run_reads_the_other_target(project: WarehouseProject):
    project.write(
        {
            "models/answers.sql": ai_table(ASK),
            "models/seen.sql": "{{ config(materialized='view') }} " + ASK.replace("'body'", "'upper(body)'"),
            "models/over_view.sql": ai_table("select * from {{ ref('seen') }}"),
        }
    )
    here = project.server.output(project.name)
    outputs = {"dev": here, "prod": {**here, "schema": "prod"}}
    project.write({"profiles.yml": json.dumps({"project": {"target": "dev", "outputs": outputs}})})
    project.dbt("run", "--target", "prod", "--select", "texts", "llm", "seen", check=True)
    (project.path / "target").rename(project.path / "prod")
    project.dbt("run", "--select", "answers", "over_view", "--defer", "--state", "prod", "--vars", "{}", check=True)
    for table in ("answers", "over_view"):
        assert project.query(f"select count(*), count(answer) from analytics.{table}") == [(30, 30)], table


UNIT = """unit_tests:
  - name: shouts
    model: answers
    given:
      - {input: ref('texts'), rows: [{i: 1, body: a}]}
      - {input: ref('llm'), rows: []}
      - {input: ref('embedder'), rows: []}
      - {input: ref('reranker'), rows: []}
    expect: {rows: [{i: 1, loud: A, answer: 'mock answer ca978112ca1bbdca', there: true, probable: true}]}
"""
ASK_ALL = """select i, upper(body) as loud, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer,
    {{ dbt_ai.ai_filter(ref('llm'), 'body', 'It is nice') }} is not null
    and {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<a INT>', fail_on_error=false) }} ->> 'errorStatus' is null
    and {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} is not null as there,
    {{ dbt_ai.ai_decide(ref('llm'), 'body', {'urgent': {'type': 'yes_no', 'instructions': 'It cannot wait'}}) }}
      -> 'urgent' ->> 'probability' is not null
    and {{ dbt_ai.ai_classify(ref('llm'), 'body', ['a', 'b'], probabilities=true) }} ->> 'label' in ('a', 'b')
    and {{ dbt_ai.ai_filter(ref('llm'), 'body', 'It is nice', probabilities=true) }} between 0 and 1
    and {{ dbt_ai.ai_score(ref('llm'), 'body', 'how nice it is') }} between 1 and 5
    and {{ dbt_ai.ai_rank(ref('reranker'), "'a'", 'body') }} is not null as probable
    from {{ ref('texts') }}"""


def test_a_unit_test_has_mock_answers(project: WarehouseProject):
    project.write({"models/answers.sql": ai_table(ASK_ALL), "models/unit.yml": UNIT, "models/reranker.sql": RERANKER})
    project.dbt("run", "--empty", check=True)
    project.dbt("test", check=True)


def test_a_struct_travels_as_json_by_its_type(project: WarehouseProject):
    rows = """create type analytics.pair as (a int, b text, c text);
        create table analytics.structs as select row(1, 'it''s', null)::analytics.pair as x, array['p', 'q'] as l, '{"k": 1}'::jsonb as j,
        '{a: text}' as body, 7 as n, null::analytics.pair as nothing"""
    columns = ("x", "l", "j", "body", "n", "nothing", "row(n, body)", "structs", "array[x]")
    calls = ", ".join(f"{{{{ dbt_ai.ai_query(ref('llm'), '{column}') }}}} as c{number}" for number, column in enumerate(columns))
    project.query(f"create schema analytics; {rows}")
    project.write({"models/answers.sql": ai_table(f"select {calls} from analytics.structs")})
    project.dbt("run", "--select", "llm", "answers", check=True)
    pair = '{"a":1,"b":"it\'s","c":null}'
    whole = f'{{"x":{pair},"l":["p","q"],"j":{{"k": 1}},"body":"{{a: text}}","n":7,"nothing":null}}'
    sent = (pair, '["p","q"]', '{"k": 1}', "{a: text}", "7", None, '{"f1":7,"f2":"{a: text}"}', whole, f"[{pair}]")
    assert project.query("select * from analytics.answers") == [tuple(text and mock_answer(text) for text in sent)]
