"""The pictures of a terminal on the site show what a run shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/first_hour.md").read_text(encoding="utf-8")


def script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("terminal_pictures", ROOT / "site/terminal_pictures.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


PICTURES = script()


@pytest.mark.parametrize(("name", "svg"), PICTURES.pictures().items())
def test_a_picture_shows_what_a_run_shows_now(name: str, svg: str):
    assert (PICTURES.FOLDER / name).read_text(encoding="utf-8") == svg, "it is out of date: python site/terminal_pictures.py"
    assert f"(assets/terminal/{name})" in PAGE


def test_there_is_no_other_picture():
    assert {path.name for path in PICTURES.FOLDER.iterdir()} == set(PICTURES.pictures())
