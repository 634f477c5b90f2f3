"""The artefacts of dbt are files that somebody else wrote: whatever is in them ends in one sentence, and soon."""

import json
import os
from pathlib import Path

import pytest

from dbt_ai.commands.manifest import DbtManifest, read_manifest
from dbt_ai.errors import ConfigurationError
from dbt_ai.report.artefacts import read_artefacts

WRONG = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"nodes": "\xff"}',
    "nested too deep": b'{"nodes": ' + b"[" * 100_000,
    "a list": b"[]",
    "a list of nodes": b'{"nodes": [1]}',
    "nodes that are no objects": b'{"nodes": {"model.a": "select 1"}}',
    "parents that are no list": b'{"nodes": {"model.a": {"resource_type": "model", "depends_on": {"nodes": 7}}}}',
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_file_that_is_no_manifest_is_one_sentence(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"manifest\.json is not a manifest of dbt; run `dbt compile`, which writes it anew$"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
def test_a_pipe_in_the_place_of_an_artefact_keeps_nobody_waiting(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(ConfigurationError, match="cannot be read; run dbt again"):
        read_artefacts(tmp_path)
    if name == "manifest.json":
        with pytest.raises(ConfigurationError, match="is not a manifest"):
            read_manifest(tmp_path)


def test_an_artefact_that_is_nested_too_deep_is_one_sentence(tmp_path):
    (tmp_path / "run_results.json").write_bytes(b"[" * 100_000)
    with pytest.raises(ConfigurationError, match=r"run_results\.json cannot be read; run dbt again"):
        read_artefacts(tmp_path)


def test_models_that_name_each_other_as_parents_are_read_once(tmp_path):
    def node(name, parent):
        return {"resource_type": "model", "name": name, "depends_on": {"nodes": [f"model.{parent}"]}}

    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {"model.a": node("a", "b"), "model.b": node("b", "a")}}))
    assert sorted(found.name for found in read_manifest(tmp_path).nodes.values()) == ["a", "b"]


def test_views_that_are_read_by_many_ways_are_looked_at_once():
    def view(level, side):
        parents = [f"model.{level - 1}{other}" for other in "ab"]
        return {"resource_type": "model", "name": f"{level}{side}", "config": {"materialized": "view"}, "depends_on": {"nodes": parents}}

    found = {f"model.{level}{side}": view(level, side) for level in range(60) for side in "ab"}
    manifest = DbtManifest.from_nodes(found, Path())
    assert len(manifest.views_below(["model.59a"])) == 2 * 59 + 1
    assert not manifest.looks_up(manifest.nodes["model.59a"])
