"""Adds to YAML that people wrote. Comments, quotes and Jinja stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dbt_ai.errors import ConfigurationError


def insert_items(text: str, place: Sequence[str], items: str, file: str) -> str:
    """Put items at the head of the list at this place, such as ("shop", "outputs", "dev", "plugins").

    Raises ConfigurationError, with the lines to add by hand, unless it is a list over several lines that nothing else shares.
    """
    import yaml

    node = _node(text, place)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        raise _by_hand(file, place, items)
    added = _inserted(text, node.start_mark.line, node.start_mark.column, items)
    new = yaml.safe_load(items)
    return _checked(text, added, place, lambda there: [*new, *there], _by_hand(file, place, items))


def insert_key(text: str, place: Sequence[str], key: str, value: str, file: str) -> str:
    """Give the mapping at this place a new key with this value, as YAML: at the end of the file where it is the file's own mapping.

    Raises ConfigurationError as `insert_items` does.
    """
    import yaml

    lines = f"{key}:\n" + "".join(f"  {line}\n" for line in value.splitlines())
    node = _node(text, place)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise _by_hand(file, place, lines)
    scalars = [value for _, value in node.value if isinstance(value, yaml.ScalarNode)]
    plain = next((value for value in scalars if not value.style), None)
    if plain is None and scalars:
        raise _by_hand(file, place, lines)
    line = len(text.splitlines()) if not place else plain.end_mark.line + 1 if plain else node.start_mark.line
    added = _inserted(text, line, node.start_mark.column, lines)
    new = yaml.safe_load(lines)
    return _checked(text, added, place, lambda there: {**there, **new}, _by_hand(file, place, lines))


def _node(text: str, place: Sequence[str]) -> Any:
    import yaml

    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for name in place:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in pairs if key.value == name), None)
    return node


def _inserted(text: str, line: int, column: int, added: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    return "".join([*lines[:line], *(f"{' ' * column}{part}{end}" for part in added.splitlines()), *lines[line:]])


def _checked(text: str, added: str, place: Sequence[str], change: Callable[[Any], Any], otherwise: ConfigurationError) -> str:
    """The new text, if it changes this place and nothing else: an anchor may be used elsewhere, a line may hold two things."""
    import yaml

    try:
        if yaml.safe_load(added) == _changed(yaml.safe_load(text), place, change):
            return added
    except yaml.YAMLError:
        pass
    raise otherwise


def _changed(there: Any, place: Sequence[str], change: Callable[[Any], Any]) -> Any:
    return change(there) if not place else {**there, place[0]: _changed(there[place[0]], place[1:], change)}


def _by_hand(file: str, place: Sequence[str], lines: str) -> ConfigurationError:
    where = ": ".join(place) or "it"
    return ConfigurationError(f"{file}: {where} is not written so that lines can be added; add them by hand:\n{lines.rstrip()}")
