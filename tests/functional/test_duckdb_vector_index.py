"""vector_index on DuckDB: a file beside the database that follows its table, that ai_search uses while it is right, and no longer."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import duckdb
import pytest
from conftest import Project, Run
from models import EMBEDDER, ai_table

ROWS = """select i, i % 50 as shelf, list_transform(range(16), lambda d: sin(i * 17.3 + d * (1 + i % 89)))::float[16] as embedding
    from range({first}, {rows}) t(i)"""
CHUNKS = (
    """{{{{ config(materialized='table', vector_index={index}, post_hook="{{{{ dbt_ai.ai_vector_index() }}}}") }}}}
"""
    + ROWS
)
SEARCH = """{{{{ config(materialized='table') }}}}
select q, i, ai_rank, ai_similarity from {{{{ dbt_ai.ai_search(corpus=ref('chunks'), vector='embedding', k=10, queries=ref('asked'),
    query_columns=['q'], query_vector='v'{more}) }}}} as found"""
INDEX = "{'column': 'embedding', 'ef_search': 64}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("index"))
    made.set_up()
    made.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/chunks.sql": CHUNKS.format(index=INDEX, first=0, rows=4000),
            "models/asked.sql": "select i as q, embedding as v from (" + ROWS.format(first=0, rows=40).replace("17.3", "17.31") + ")",
            "models/near.sql": SEARCH.format(more=""),
            "models/rare.sql": SEARCH.format(more=', where="shelf = 7"'),
            "models/close.sql": SEARCH.format(more=', min_similarity=0.8, where="shelf < 40"'),
            "models/answered.sql": "{{ config(vector_index={'column': 'embedding'}) }}\n"
            + ai_table("select i, {{ dbt_ai.ai_embed(ref('embedder'), \"'text ' || i\") }} as embedding from range(30) t(i)"),
            "models/schema.yml": """models:
  - {name: chunks, columns: [{name: embedding, data_tests: [dbt_ai.ai_recall: {arguments: {k: 10, min_recall: 0.95, sample: 50}}]}]}
""",
        }
    )
    return made


def run(project: Project, *select: str) -> Run:
    return project.dbt("run", "--select", *select, check=True)


def files(project: Project) -> list[Path]:
    return sorted(Path(f"{project.database}.dbt_ai").glob("main_chunks*"), key=lambda file: file.suffix)


def recall(project: Project, model: str, where: str = "true", least: float = -1) -> float:
    """The share of the true neighbours that a model has found."""
    true = project.query(
        f"""select q, i from (
            select q, i, list_cosine_similarity(v, embedding) as similarity,
                row_number() over (partition by q order by similarity desc) as place
            from asked cross join chunks where {where})
        where place <= 10 and similarity >= {least}"""
    )
    found = set(project.query(f"select q, i from {model}"))
    return len(found & set(true)) / len(true)


def test_an_index_is_made_used_kept_changed_made_again_and_forgotten(project: Project):
    built = project.dbt("build", check=True)
    assert "vector_index: main.chunks (embedding) is made (there was none): 4,000 vectors of 16 dimensions" in built.output
    assert "vector_index: main.answered (embedding) is made (there was none): 30 vectors of 8 dimensions" in built.output
    assert "ai_search: main.chunks (embedding) is searched by its index" in built.output
    assert recall(project, "near") >= 0.95
    assert recall(project, "close", "shelf < 40", 0.8) >= 0.95
    assert "every row of main.chunks (embedding) is compared, its index is not used: fewer than one in 10 fulfils `where`" in built.output
    assert recall(project, "rare", "shelf = 7") == 1
    [manifest, graph] = files(project)
    assert manifest.suffix == ".json" and graph.suffix == ".usearch"

    assert "vector_index: main.chunks (embedding) is kept, 4,000 vectors" in run(project, "chunks").output
    assert files(project) == [manifest, graph], "the table is another one, and its rows are the same"

    project.write({"models/chunks.sql": CHUNKS.format(index=INDEX, first=100, rows=4300)})
    assert "is changed (300 vectors added, 100 removed): 4,200 vectors" in run(project, "chunks").output
    searched = run(project, "near")
    assert "is searched by its index" in searched.output and recall(project, "near") >= 0.95
    assert len(files(project)) == 2 and graph not in files(project)

    project.write({"models/chunks.sql": CHUNKS.format(index=INDEX, first=4000, rows=8000)})
    assert "is made (most rows changed): 4,000 vectors" in run(project, "chunks").output
    project.write({"models/chunks.sql": CHUNKS.format(index=INDEX.replace("64", "64, 'm': 8"), first=4000, rows=8000)})
    assert "is made (its options changed): 4,000 vectors" in run(project, "chunks").output

    project.write({"models/chunks.sql": "{{ config(materialized='table') }}\n" + ROWS.format(first=0, rows=4000)})
    assert "main.chunks (embedding) has no model that asks for it, and is forgotten" in run(project, "chunks").output
    assert not files(project)
    assert "index" not in run(project, "near").output


def test_an_index_that_is_not_right_is_not_believed(project: Project):
    project.write({"models/chunks.sql": CHUNKS.format(index=INDEX, first=0, rows=4000)})
    run(project, "chunks", "asked")
    [manifest, graph] = files(project)

    with duckdb.connect(str(project.database)) as database:
        database.execute("update chunks set embedding = (select v from asked where q = 0) where i = 3999")
    stale = run(project, "near")
    assert "its index is not used: it was made of other rows; run model.project.chunks" in stale.output
    assert recall(project, "near") == 1
    assert (3999,) in project.query("select i from near where q = 0")

    run(project, "chunks")
    [manifest, graph] = files(project)
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    assert "its index is not used: its file is damaged" in run(project, "near").output
    assert recall(project, "near") == 1
    assert "is made (its file was damaged)" in run(project, "chunks").output

    [manifest, graph] = files(project)
    other = b"a graph as another version of usearch writes it"
    graph.write_bytes(other)
    known = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**known, "size": len(other), "checksum": zlib.crc32(other)}))
    assert "its index is not used: this version of usearch cannot read its file" in run(project, "near").output
    assert recall(project, "near") == 1
    assert "is made (this version of usearch cannot read its file)" in run(project, "chunks").output

    [manifest, graph] = files(project)
    manifest.write_text(manifest.read_text()[:100])
    assert "its index is not used: there is none yet" in run(project, "near").output
    assert "is made (its manifest was damaged)" in run(project, "chunks").output


def test_an_index_that_cannot_be_written_is_a_warning_since_the_rows_of_its_model_are_right(project: Project):
    folder = Path(f"{project.database}.dbt_ai")
    folder.mkdir(exist_ok=True)
    aside = folder.rename(folder.with_suffix(".aside"))
    folder.write_text("not a folder")
    try:
        built = run(project, "chunks", "asked", "near")
    finally:
        folder.unlink()
        aside.rename(folder)
    warned = " ".join(built.output.split())
    assert "model.project.chunks: vector_index: " in warned and "cannot be written" in warned
    assert "ai_search compares every row of main.chunks (embedding) until a run writes it" in warned
    assert "its index is not used: there is none yet" in warned and recall(project, "near") == 1


def test_queries_of_another_length_are_told_from_an_index_that_is_out_of_date(project: Project):
    project.write({"models/short.sql": SEARCH.format(more="").replace("'v'", "'[1, 2]::float[2]'")})
    try:
        refused = project.dbt("run", "--select", "chunks", "asked", "short")
    finally:
        (project.path / "models/short.sql").unlink()
    assert "its index is not used: its vectors have 16 dimensions and those of the queries 2" in refused.output


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        ("{'column': 'embedding', 'type': 'ivfflat'}", "vector_index has type 'ivfflat'; use hnsw"),
        ("{'column': 'embedding', 'metric': 'l2'}", "vector_index has metric 'l2'; use cosine, which ai_search orders by"),
        ("{'column': 'embedding', 'lists': 4}", "vector_index has 'lists', which hnsw does not know; use column, type, metric"),
        ("{'column': 'shelf'}", 'column \'shelf\' of "project"."main"."wrong" is BIGINT; give a column of vectors, as ai_embed makes it'),
        ("{'column': 'gone'}", 'column \'gone\' of "project"."main"."wrong" is no column; give a column of vectors'),
        ("{'column': 'embedding', 'm': 0}", "vector_index has m 0; give a number from 1"),
    ],
)
def test_an_index_that_cannot_be_made_is_refused_in_one_sentence(project: Project, index: str, sentence: str):
    project.write({"models/wrong.sql": CHUNKS.format(index=index, first=0, rows=10)})
    try:
        refused = project.dbt("run", "--select", "wrong")
    finally:
        (project.path / "models/wrong.sql").unlink()
    assert not refused.ok
    assert sentence in " ".join(refused.output.split())
