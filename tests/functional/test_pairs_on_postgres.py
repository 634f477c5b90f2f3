"""ai_dedupe and ai_join on Postgres, planned as every call on a warehouse is: the same rows as on DuckDB, and nothing asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from pairs import SUPPLIERS, clusters, companies, deduped, gold_endpoint, joined, values
from warehouse import WarehouseProject, postgres_server

pytestmark = pytest.mark.env("postgres")

ROWS = [*companies(), (90, None), (91, "")]
ASKING = ", model=ref('llm'), same_within=0.08, ask_within=1, k=5, min_similarity=-1"


def test_pairs_are_found_decided_and_stored(tmp_path: Path):
    with postgres_server() as server, gold_endpoint() as gold:
        project = WarehouseProject(tmp_path, server=server)
        project.set_up()
        project.write(
            {
                **gold.models(),
                "models/companies.sql": values(ROWS),
                "models/suppliers.sql": SUPPLIERS,
                "models/alone.sql": deduped(),
                "models/decided.sql": deduped(ASKING),
                "models/joined.sql": joined(),
                "models/together.sql": joined(", k=4, pairs_per_request=3"),
            }
        )
        project.dbt("run", check=True)
        for model in ("alone", "decided"):
            assert project.query(f"select id, ai_cluster from analytics.{model} order by id") == clusters(ROWS)
        right = {(key, smallest + 1000) for key, smallest in clusters(ROWS) if smallest % 2 == 0 and smallest <= 60}
        for model in ("joined", "together"):
            assert set(project.query(f"select id, supplier_id from analytics.{model}")) == right
        texts = {name for _, name in ROWS if name}
        assert set(gold.embedded) >= texts
        assert len([others for _, others in gold.pairs if len(others) == 3]) == len(texts)
        gold.forget()
        project.dbt("run", check=True)
        assert gold.pairs == [] and gold.embedded == []
