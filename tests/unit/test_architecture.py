"""docs/architecture.md says which part of the runtime may import which; the code keeps to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "dbt_ai").rglob("*.py"))
    if "include" not in path.parts
}
# `import dbt_ai` is what users and dbt write; it loads nothing.
# The one name of dbt-core's that is private by its look and an interface by its use: the methods of an adapter that macros may call.
DBT_NAMES = {"_available_"}
LAYERED = {name: path for name, path in MODULES.items() if name != "dbt_ai"}


def layers() -> dict[str, int]:
    """Part of the package -> number of its layer, from the top."""
    document = (ROOT / "docs/architecture.md").read_text()
    block = document.split("```text layers\n")[1].split("```")[0]
    return {part: number for number, line in enumerate(block.splitlines()) for part in line.split("#")[0].replace(",", " ").split()}


LAYERS = layers()


def part_of(module: str) -> str:
    """The part that a module belongs to: the longest name in the list that it begins with."""
    inside = module.removeprefix("dbt_ai.")
    found = [part for part in LAYERS if inside == part or inside.startswith(f"{part}.")]
    assert found, f"{module} is in no layer of docs/architecture.md"
    return max(found, key=len)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dbt_ai"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("dbt_ai."))


@pytest.mark.parametrize("module", LAYERED)
def test_imports_go_down_the_layers(module: str):
    here = part_of(module)
    for imported in imports(LAYERED[module]):
        if imported == "dbt_ai" or part_of(imported) == here:
            continue
        assert LAYERS[part_of(imported)] > LAYERS[here], f"{module} imports {imported}, which is not below it"


def test_the_modules_of_one_part_import_each_other_in_no_circle():
    graph = {name: {found for found in imports(path) if found in LAYERED and found != name} for name, path in LAYERED.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " imports ".join((*way[way.index(name) :], name))
        if name not in done:
            for imported in graph[name]:
                visit(imported, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_a_name_stands_for_one_class():
    places: dict[str, list[str]] = {}
    for module, path in LAYERED.items():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("module", LAYERED)
def test_nobody_reads_the_private_names_of_another_object(module: str):
    for node in ast.walk(ast.parse(LAYERED[module].read_text())):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_") or node.attr.startswith("__") or node.attr in DBT_NAMES:
            continue
        owner = node.value
        mine = isinstance(owner, ast.Name) and owner.id in ("self", "cls", "other")
        documented = ast.unparse(node) == "os._exit"  # public, whatever its name looks like
        assert mine or documented, f"{module}, line {node.lineno}: {ast.unparse(node)}"
