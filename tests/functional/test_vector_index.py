"""vector_index on Postgres: made after the rows are loaded, kept while nothing changes, made again when something does, and its recall."""

from __future__ import annotations

import pytest
from models import EMBEDDER, ai_table
from warehouse import PostgresServer, WarehouseProject

pytestmark = pytest.mark.env("postgres")

HOOK = 'post_hook="{{ dbt_ai.ai_vector_index() }}"'
VECTORS = """select i, (select array_agg(sin(i * 17.3 + d * (1 + i % 89)))::vector from generate_series(1, 16) d) as embedding
    from generate_series(1, {rows}) t(i)"""


def indexed(index: str, rows: int = 2000, materialized: str = "table") -> str:
    return f"{{{{ config(materialized='{materialized}', vector_index={index}, {HOOK}) }}}}\n" + VECTORS.format(rows=rows)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> WarehouseProject:
    made = WarehouseProject(tmp_path_factory.mktemp("index"), server=postgres)
    made.set_up()
    return made


def indexes(project: WarehouseProject, table: str) -> list[tuple[int, str]]:
    """The oid of each index, and how it was made, without its name."""
    sql = "select indexrelid::bigint, pg_get_indexdef(indexrelid) from pg_index where indrelid = 'analytics.{}'::regclass"
    return [(oid, definition.partition(" USING ")[2]) for oid, definition in project.query(sql.format(table))]


def test_an_index_is_made_after_load_kept_and_made_again_when_its_options_change(project: WarehouseProject):
    index = "{'column': 'embedding', 'm': 8, 'maintenance_work_mem': '64MB'}"
    files = {
        "models/embedder.sql": EMBEDDER,
        "models/grown.sql": indexed(index, materialized="incremental"),
        "models/replaced.sql": indexed("{'column': 'embedding'}"),
        "models/answered.sql": "{{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}\n"
        + ai_table("select i, {{ dbt_ai.ai_embed(ref('embedder'), \"'text ' || i\") }} as embedding from generate_series(1, 50) t(i)"),
    }
    project.write(files)
    project.dbt("run", check=True)
    grown, replaced, answered = (indexes(project, table) for table in ("grown", "replaced", "answered"))
    assert [made for _, made in grown] == ["hnsw (embedding vector_cosine_ops) WITH (m='8', ef_construction='64')"]
    assert [made for _, made in answered] == ["hnsw (embedding vector_l2_ops) WITH (m='16', ef_construction='64')"]
    assert project.query("select atttypmod from pg_attribute where attrelid = 'analytics.grown'::regclass and attname = 'embedding'") == [
        (16,)
    ]
    project.dbt("run", check=True)
    assert indexes(project, "grown") == grown, "the rows were added to the table, and to its index"
    assert [made for _, made in indexes(project, "replaced")] == [made for _, made in replaced], "another table, and one index again"
    project.write({"models/grown.sql": indexed(index.replace("8", "24"), materialized="incremental")})
    project.dbt("run", "--select", "grown", check=True)
    [(oid, made)] = indexes(project, "grown")
    assert oid != grown[0][0] and "m='24'" in made


def test_the_lists_of_ivfflat_are_made_again_when_there_are_twice_as_many_rows(project: WarehouseProject):
    index = "{'column': 'embedding', 'type': 'ivfflat'}"
    project.write({"models/listed.sql": indexed(index, rows=300, materialized="incremental")})
    project.dbt("run", "--select", "listed", check=True)
    first = indexes(project, "listed")
    assert [made for _, made in first] == ["ivfflat (embedding vector_cosine_ops) WITH (lists='10')"]
    for rows, kept in ((200, True), (200, False)):
        project.write({"models/listed.sql": indexed(index, rows=rows, materialized="incremental")})
        project.dbt("run", "--select", "listed", check=True)
        assert (indexes(project, "listed") == first) == kept


def test_recall_is_measured_against_every_row(project: WarehouseProject):
    project.write(
        {
            "models/near.sql": indexed("{'column': 'embedding', 'ef_construction': 128}"),
            "models/far.sql": indexed("{'column': 'embedding', 'type': 'ivfflat', 'lists': 20}"),
            "models/schema.yml": """models:
  - {name: near, columns: [{name: embedding, data_tests: [dbt_ai.ai_recall: {arguments: {k: 5, min_recall: 0.9, sample: 40}}]}]}
  - {name: far, columns: [{name: embedding, data_tests: [dbt_ai.ai_recall: {arguments: {k: 50, min_recall: 0.9, sample: 40}}]}]}
""",
        }
    )
    near, far = (project.dbt("build", "--select", name) for name in ("near", "far"))
    assert near.ok, near.output
    assert not far.ok and "Failure in test dbt_ai_ai_recall_far" in far.output, "one list of 20 lacks many of the 50 nearest"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (indexed("{'column': 'embedding', 'lists': 4}"), "vector_index has 'lists', which hnsw does not know; use column, type, metric"),
        (indexed("{'column': 'embedding', 'type': 'flat'}"), "vector_index has type 'flat'; use hnsw or ivfflat"),
        (indexed("{'column': 'embedding', 'metric': 'dot'}"), "vector_index has metric 'dot'; use cosine"),
        (indexed("'embedding'"), "vector_index is embedding; write {'column': 'embedding'}"),
        (indexed("{'column': 'i'}"), "column 'i' of"),
        (indexed("{'column': 'embedding', 'maintenance_work_mem': 'all'}"), "maintenance_work_mem all; give an amount of memory"),
        (
            indexed("{'column': 'embedding'}").replace(HOOK, "tags=[]"),
            "vector_index is set and nothing makes the index; add post_hook",
        ),
    ],
)
def test_an_index_that_cannot_be_made_is_refused_in_one_sentence(project: WarehouseProject, model: str, sentence: str):
    project.write({"models/wrong.sql": model})
    try:
        run = project.dbt("run", "--select", "wrong")
    finally:
        (project.path / "models/wrong.sql").unlink()
    assert not run.ok
    assert sentence in " ".join(run.output.split())
