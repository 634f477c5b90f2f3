"""`dbt-ai spark` takes its project from dbt's own options and hands everything on to dbt."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import dbt.cli.main
import pytest
from click.testing import CliRunner

import dbt_ai.commands.cli
import dbt_ai.engines.spark


class Session:
    """Stands for SparkSession and for its builder."""

    builder: Any

    def enableHiveSupport(self) -> Session:
        return self

    def getOrCreate(self) -> Session:
        return self


@pytest.mark.parametrize("spelling", ["--project-dir={}", "--project-dir {}"])
def test_dbt_gets_what_was_written_and_the_session_the_models_of_that_project(
    spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    spark, seen = ModuleType("pyspark.sql"), {}
    Session.builder = Session()
    spark.SparkSession = Session  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", spark)
    monkeypatch.setattr(dbt_ai.commands.cli, "load_project", lambda options: seen.update(options=options))
    monkeypatch.setattr(dbt_ai.engines.spark, "register", lambda session, project: None)

    class Runner:
        def invoke(self, arguments: list[str]) -> Any:
            seen.update(arguments=arguments)
            return type("Result", (), {"success": True})

    monkeypatch.setattr(dbt.cli.main, "dbtRunner", Runner)
    written = ["build", *spelling.format(tmp_path).split(), "-s", "a", "b", "--full-refresh", "-t", "prod", "--threads", "4"]
    done = CliRunner().invoke(dbt_ai.commands.cli.cli, ["spark", *written])
    assert done.exit_code == 0, done.output
    assert seen["options"].project_dir == tmp_path and seen["options"].target == "prod"
    assert seen["arguments"][:7] == ["build", "-s", "a", "b", "--full-refresh", "--threads", "4"]
    assert seen["arguments"][7:9] == ["--project-dir", str(tmp_path)] and seen["arguments"][-2:] == ["--target", "prod"]
