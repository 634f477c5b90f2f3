"""Every public class, function and method of the runtime says what it is, and its examples work. What a base class or a protocol describes
is described."""

from __future__ import annotations

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "dbt_ai"
TREES = {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py")) if "include" not in path.parts}
CLASSES = [node for tree in TREES.values() for node in tree.body if isinstance(node, ast.ClassDef)]
PROTOCOLS = [node for node in CLASSES if any(ast.unparse(base).startswith("Protocol") for base in node.bases)]


def described(owner: ast.ClassDef, method: str) -> bool:
    """Whether the class, or one that it inherits from, describes the method."""
    own = [node for node in owner.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == method]
    bases = {ast.unparse(base).split("[")[0].split(".")[-1] for base in owner.bases}
    inherited = [node for node in CLASSES if node.name in bases and node is not owner]
    return any(map(ast.get_docstring, own)) or any(described(base, method) for base in inherited)


def undescribed() -> Iterator[str]:
    for path, tree in TREES.items():
        where = path.relative_to(PACKAGE.parent)
        if ast.get_docstring(tree) is None:
            yield f"{where}"
        for node in tree.body:
            overload = isinstance(node, ast.FunctionDef) and [ast.unparse(by) for by in node.decorator_list] == ["overload"]
            if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or node.name.startswith("_") or overload:
                continue
            if ast.get_docstring(node) is None:
                yield f"{where}:{node.lineno} {node.name}"
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                public = isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and not inner.name.startswith("_")
                if public and not any(described(owner, inner.name) for owner in (node, *PROTOCOLS)):
                    yield f"{where}:{inner.lineno} {node.name}.{inner.name}"


@pytest.mark.parametrize("path", [path for path in TREES if ">>>" in path.read_text()], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_examples_work(path: Path):
    module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_everything_public_says_what_it_is():
    assert [*undescribed()] == []
