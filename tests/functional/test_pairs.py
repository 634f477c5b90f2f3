"""ai_dedupe and ai_join on DuckDB: which rows are found, what the model is asked, and what is asked again when rows are added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from conftest import REPOSITORY, Project
from models import EMBEDDER, LLM, ai_table
from pairs import CLUSTERED, CLUSTERS, FOUND_CLUSTERS, Gold, clusters, companies, comparing, deduped, gold_endpoint, joined, values

ROWS = [*companies(), (90, None), (91, ""), (92, companies()[7][1])]


@dataclass
class Asked:
    """What one run of a model asked."""

    embedded: list[str]
    pairs: list[tuple[str, list[str]]]


class Compared(Project):
    gold: Gold

    def asked(self, *models: str) -> Asked:
        self.gold.forget()
        self.dbt("run", "--select", *models, check=True)
        return Asked([*self.gold.embedded], [*self.gold.pairs])


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    project = Compared(tmp_path_factory.mktemp("pairs"))
    project.set_up()
    with gold_endpoint() as project.gold:
        project.write(comparing(project.gold, ROWS))
        project.write({"models/clustered.sql": "select 1 as id, 'one' as name, 1 as ai_cluster"})
        project.dbt("run", "--exclude", "alone", "decided", "joined", "together", check=True)
        yield project


def test_rows_that_mean_the_same_have_the_smallest_of_their_keys(compared: Compared):
    asked = compared.asked("alone")
    assert sorted(asked.embedded) == sorted({name for _, name in ROWS if name}), "each text once, and none that is empty"
    assert asked.pairs == []
    assert compared.query("select id, ai_cluster from alone order by id") == clusters(ROWS)


def test_only_pairs_in_between_are_asked_about_and_each_once(compared: Compared):
    asked = compared.asked("decided").pairs
    assert compared.query("select id, ai_cluster from decided order by id") == clusters(ROWS)
    pairs = [(first, other) for first, [other] in asked]
    assert 10 <= len(pairs) < 85 * 5
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert all(first < other for first, other in pairs), "in one order, whichever row comes first"


def test_a_new_row_asks_about_its_own_pairs_and_old_clusters_keep_their_names(compared: Compared):
    before = compared.asked("decided")
    assert before == Asked([], [])
    new = companies()[3][1].replace("a", "aa") + " GmbH"
    try:
        compared.write({"models/companies.sql": values([*ROWS, (100, new)])})
        asked = compared.asked("companies", "decided")
        assert asked.embedded == [new]
        # The new text may be among the nearest of an old one, and so move what is near that.
        assert 0 < len(asked.pairs) <= 20
        assert compared.query("select id, ai_cluster from decided order by id") == clusters([*ROWS, (100, new)])
    finally:
        compared.write({"models/companies.sql": values(ROWS)})
        compared.dbt("run", "--select", "companies", check=True)


def test_clusters_are_those_of_the_rows_that_are_there_now(compared: Compared):
    one, other = "abcdefghijklm", "nopqrstuvwxyz"
    once = ", same_within=10, min_similarity=0.6, k=3"
    compared.write(
        {
            "models/moving_clusters.sql": deduped(once).replace("'companies'", "'moving'"),
            "models/moving_pairs.sql": joined(right="ref('of_moving')").replace("'companies'", "'moving'"),
            "models/of_moving.sql": "select id as supplier_id, name || ' [1]' as supplier from {{ ref('moving') }} where id < 3",
        }
    )

    def found(rows: list[tuple[int, str | None]]) -> list[tuple[int, int]]:
        compared.write({"models/moving.sql": values([*rows, (-1, "?")]) + " where id > 0"})
        asked = compared.asked("moving", "of_moving", "moving_clusters", "moving_pairs")
        compared_texts = {text for first, others in asked.pairs for text in (first, *others)}
        assert compared_texts <= {text for _, name in rows for text in (name, f"{name} [1]")}
        return compared.query("select id, ai_cluster from moving_clusters order by id")

    two = [(1, f"{one} [1]"), (2, f"{one}. [1]"), (3, f"{other} [2]"), (4, f"{other}. [2]")]
    bridge = (5, f"{one}{other} [1]")
    assert found(two) == [(1, 1), (2, 1), (3, 3), (4, 3)]
    assert found([*two, bridge]) == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]
    assert found([*two[1:3], (4, "0123456789 [4]"), bridge]) == [(2, 2), (3, 2), (4, 4), (5, 2)], "the first is gone, the last is another"
    assert found([]) == [] and compared.query("from moving_pairs") == []


def test_a_long_chain_of_texts_is_one_cluster_after_few_rounds(compared: Compared):
    compared.write({"models/components.sql": CLUSTERED.format(random="hash(i)", numbers="(select unnest(range(1, 5001)) as i)")})
    compared.dbt("run", "--select", "components", check=True)
    assert compared.query(FOUND_CLUSTERS.format("components")) == CLUSTERS
    [(nodes, looked_at)] = compared.query("select count(*), max(looked_at) from components")
    assert looked_at <= 20 * nodes


def test_a_key_whose_name_is_a_word_of_sql_is_given_in_quotes(compared: Compared):
    compared.write(
        {
            "models/ordered.sql": """select id as "order", name from {{ ref('companies') }}""",
            "models/quoted.sql": deduped()
            .replace("'companies'", "'ordered'")
            .replace("'id'", "'\"order\"'")
            .replace(" id,", ' "order" as id,'),
        }
    )
    compared.dbt("run", "--select", "ordered", "quoted", check=True)
    assert compared.query("select id, ai_cluster from quoted order by id") == clusters(ROWS)


def test_a_join_asks_about_the_nearest_texts_only(compared: Compared):
    asked = compared.asked("joined").pairs
    assert len(asked) == 3 * len({name for _, name in ROWS if name})
    right = {(key, smallest + 1000) for key, smallest in clusters(ROWS) if smallest % 2 == 0 and smallest <= 60}
    assert set(compared.query("select id, supplier_id from joined")) == right
    assert compared.asked("joined") == Asked([], [])


def test_an_estimate_of_a_join_has_the_number_of_its_pairs(compared: Compared):
    compared.dbt("run", "--select", "joined", check=True)  # so that the vectors are stored
    compared.write({"models/estimated.sql": joined().replace("name one company", "are of one company")})
    compared.configure(mode="estimate")
    try:
        run = compared.dbt("run", "--select", "estimated", check=True)
    finally:
        compared.configure(mode="live")
        (compared.path / "models/estimated.sql").unlink()
    pairs = 3 * len({name for _, name in ROWS if name})
    assert run.message("estimated").startswith(f"ESTIMATE {pairs} new inputs in {pairs} requests"), run.message("estimated")


def test_several_pairs_in_a_request_find_the_same(compared: Compared):
    asked = compared.asked("together").pairs
    texts = len({name for _, name in ROWS if name})
    assert [len(asked), sum(len(others) for _, others in asked)] == [2 * texts, 4 * texts]
    assert set(compared.query("from together")) == set(compared.query("from joined"))


def test_a_join_of_everything_with_everything_is_refused_with_the_number(compared: Compared):
    compared.write({"models/every.sql": joined(", k=30")})
    try:
        run = compared.dbt("compile", "--select", "every")
        compared.write({"models/every.sql": "{{ config(meta={'dbt_ai': {'allow_large_plan': true}}) }}" + joined(", k=30")})
        allowed = compared.dbt("compile", "--select", "every")
    finally:
        (compared.path / "models/every.sql").unlink()
    assert not run.ok and allowed.ok
    assert "k is 30 and right has 30 texts, so each of the 86 texts of left is compared with all of them: 2,580 pairs" in run.output


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (deduped(", k=1"), "ai_dedupe: k is 1; give how many neighbours of a text are compared with it, 2 to 1000"),
        (deduped(", same_within='much'"), "ai_dedupe: same_within is much; give a share of the mean distance"),
        (deduped(", min_similarity=3"), "ai_dedupe: min_similarity is 3; give a cosine, -1 to 1"),
        (deduped(", model=ref('llm'), ask_within=0.2"), "ai_dedupe: ask_within is 0.2 and same_within 0.5; the model is asked about pairs"),
        (
            deduped().replace("'id'", "'name'"),
            'ai_dedupe: unique_key name does not identify the rows of "project"."main"."companies", which has 88 rows and 86 different',
        ),
        (
            deduped().replace("ref('companies')", "ref('clustered')"),
            'ai_dedupe: relation "project"."main"."clustered" has a column ai_cluster, and so has the result',
        ),
        (joined().replace("['id']", "['ai_similarity']"), "ai_join: the result has a column ai_similarity of its own"),
        (deduped().replace("'id'", "'a, b'"), "ai_dedupe: unique_key is a, b; give the name of one column"),
        (joined(", min_similarity=5"), "ai_join: min_similarity is 5; give a cosine, -1 to 1"),
        (joined().replace(", ['id'], ['supplier_id']", ""), "ai_join: left_columns is missing; give the names of the columns"),
        (
            joined().replace("['id']", "['key']"),
            'ai_join: left_columns has key, which is no column of "project"."main"."companies"; it has id, name',
        ),
        (deduped().replace("'id'", "'key'"), 'ai_dedupe: unique_key has key, which is no column of "project"."main"."companies"'),
        (joined(", k=0"), "ai_join: k is 0; give how many texts of right are candidates"),
        (joined(", pairs_per_request=51"), "ai_join: pairs_per_request is 51; give how many candidates a request may hold, 1 to 50"),
        (joined().replace("['supplier_id']", "['ID']"), "ai_join: left_columns and right_columns both have id; the result can have one"),
        (joined().replace("ref('embedder')", "none"), "ai_join: embedder is missing, and without it every text of left is compared"),
        (joined().replace("['id']", "'id'"), "ai_join: left_columns is id; give the names of the columns"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(compared: Compared, call: str, sentence: str):
    compared.write({"models/wrong.sql": call})
    try:
        run = compared.dbt("compile", "--select", "wrong")
    finally:
        (compared.path / "models/wrong.sql").unlink()
    assert not run.ok
    assert sentence in run.output


def test_keys_that_do_not_identify_are_told_of_relations_that_dbt_cannot_look_at_and_nothing_is_asked(compared: Compared):
    rows = [*ROWS[:4], (2, "twice")]
    without_key = " union all select null, 'without a key'"
    compared.write(
        {
            "models/passing.sql": "{{ config(materialized='ephemeral') }}" + values(rows) + without_key,
            "models/of_passing.sql": deduped().replace("'companies'", "'passing'"),
            "models/of_text.sql": deduped().replace("ref('companies')", "'(select * from ' ~ ref('passing') ~ ')'"),
            "models/near_passing.sql": ai_table(
                "select * from {{ dbt_ai.ai_search(corpus='(select ' ~ dbt_ai.ai_embed(ref('embedder'), 'name') ~ ' as v from '"
                " ~ ref('companies') ~ ')', vector='v', queries=ref('passing'), query='name', query_columns=['id'],"
                " model=ref('embedder')) }} as found"
            ),
        }
    )
    compared.gold.forget()
    run = compared.dbt("run", "--select", "of_passing", "of_text", "near_passing")
    told = " ".join(run.output.split())
    rest = "which has 6 rows and 4 different values that are not NULL; give what is unique and never NULL"
    assert f"ai_dedupe: unique_key id does not identify the rows of passing, {rest}" in told
    assert f"ai_dedupe: unique_key id does not identify the rows of its relation, {rest}" in told
    assert f"ai_search: query_columns id does not identify the rows of passing, {rest}" in told
    assert {run.results[name]["status"] for name in ("of_passing", "of_text", "near_passing")} == {"error"}
    assert "cannot be planned" not in told
    assert compared.gold.embedded == []
    compared.write({"models/passing.sql": "{{ config(materialized='ephemeral') }}" + values(ROWS)})
    compared.dbt("run", "--select", "of_passing", "of_text", check=True)
    for model in ("of_passing", "of_text"):
        assert compared.query(f"select id, ai_cluster from {model} order by id") == clusters(ROWS)


def test_the_pages_about_duplicates_and_joins_build(project: Project):
    pages = [(REPOSITORY / f"docs/{name}.md").read_text() for name in ("dedupe", "join")]
    files = dict(block for page in pages for block in re.findall(r"^```sql (\S+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    assert len(files) == 6
    project.write(
        {
            **files,
            "models/embedder.sql": EMBEDDER,
            "models/llm.sql": LLM,
            "models/companies.sql": "select i as company_id, 'Company ' || i % 8 as name from range(20) t(i)",
            "models/tickets.sql": "select i as ticket_id, 'return of ' || i as subject from range(30) t(i)",
            "models/articles.sql": "select i as article_id, 'how to return ' || i as title from range(40) t(i)",
            "models/known_pairs.sql": "select 'return of ' || i as subject, 'how to return ' || i as title from range(40) t(i)",
        }
    )
    project.dbt("run", check=True)
    below = """select count(*) filter (list_cosine_similarity(one.v, other.v) < min_similarity - 0.0001) from join_threshold, known_pairs
        join (select subject, v from texts) as one using (subject) join (select title, v from titles) as other using (title)"""
    texts = {"texts": "subject", "titles": "title"}
    project.write(
        {
            f"models/{name}.sql": ai_table(
                f"select {text}, {{{{ dbt_ai.ai_embed(ref('embedder'), '{text}') }}}} as v from {{{{ ref('known_pairs') }}}}"
            )
            for name, text in texts.items()
        }
    )
    project.dbt("run", "--select", *texts, check=True)
    [(missed,)] = project.query(below)
    assert 1 <= missed <= 2, "of 40 known pairs, 5 in 100 are farther"
    assert project.query("select count(*), count(distinct ai_cluster) <= 8 from companies_deduped") == [(20, True)]
    [(once,)] = project.query("select count(*) from companies_once")
    assert once == project.query("select count(distinct ai_cluster) from companies_deduped")[0][0]
