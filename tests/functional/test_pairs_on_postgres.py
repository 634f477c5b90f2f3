"""ai_dedupe and ai_join on Postgres, planned as every call on a warehouse is: the same rows as on DuckDB, and nothing asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from pairs import clusters, companies, comparing, gold_endpoint
from warehouse import WarehouseProject, postgres_server

pytestmark = pytest.mark.env("postgres")

ROWS = [*companies(), (90, None), (91, "")]


def test_pairs_are_found_decided_and_stored(tmp_path: Path):
    with postgres_server() as server, gold_endpoint() as gold:
        project = WarehouseProject(tmp_path, server=server)
        project.set_up()
        project.write(comparing(gold, ROWS))
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
