"""Values of the configuration, as YAML gives them: whatever a user can write, it is what it should be or one sentence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable

from dbt_ai.counted import some_of
from dbt_ai.errors import ConfigurationError

# Settings are fewer; a project may have thousands of nodes.
MOST_NAMES = 30


def read_number(where: str, value: object, *, positive: bool = False) -> float:
    """A number of at least 0, or above it. where: whose it is, for the message.

    YAML knows .nan and .inf, which would switch off every limit that they are compared with. Raises ConfigurationError.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number) and (number > 0 if positive else number >= 0):
            return number
    raise ConfigurationError(f"{where} is {value!r}; give a number {'above' if positive else 'of at least'} 0")


def read_whole_number(where: str, value: object, *, positive: bool = False) -> int:
    """The same without a fraction."""
    number = read_number(where, value, positive=positive)
    if number != int(number):
        raise ConfigurationError(f"{where} is {value!r}; give a whole number")
    return int(number)


def read_flag(where: str, value: object) -> bool:
    """True or false, nothing like it. Raises ConfigurationError."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"{where} is {value!r}; give true or false")
    return value


def read_text(where: str, value: object) -> str:
    """A text that is not empty. Raises ConfigurationError."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{where} is {value!r}; give a text")
    return value


def refuse_unknown(where: str, names: Iterable[object], known: Collection[str]) -> None:
    """Raises ConfigurationError for the first name that is not known, with the nearest that is: nothing a user writes is passed over."""
    for name in names:
        if name not in known:
            raise ConfigurationError(f"{where}: {name} is not known; {instead(name, known)}")


def instead(name: object, known: Collection[str]) -> str:
    """What to write in the place of a name that is not known."""
    if not known:
        return "there is none"
    near = difflib.get_close_matches(str(name), known, n=1)
    some = some_of(known, MOST_NAMES)
    return f"did you mean {near[0]}? There are {some}" if near else f"use one of {some}"
