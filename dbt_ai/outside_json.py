"""JSON that somebody else wrote."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any


def parse(text: bytes | str) -> Any:
    """The value that the text is. Raises ValueError for what is not JSON, is not text, or is nested too deep.

    A number of more digits than Python reads is infinity: a broken counter must not cost the answer beside it.

    >>> parse('{"tokens": ' + "9" * 5000 + "}")
    {'tokens': inf}
    """
    try:
        try:
            return json.loads(text, object_pairs_hook=_object)
        except json.JSONDecodeError:
            raise
        except UnicodeDecodeError:
            raise ValueError("it is not UTF-8") from None
        except ValueError:  # the digits of a number
            return json.loads(text, parse_int=_number, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


class Ambiguous(dict[str, Any]):
    """An object in which a name stands twice. It is read as its last values, and written with all of them: who reads what is written finds
    out.

    >>> json.dumps(parse('{"label": "bad", "label": "good"}'))
    '{"label": "bad", "label": "good"}'
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """Every name with its value, also those that stand twice."""
        return self._pairs


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Ambiguous(pairs)


def read_file(path: Path) -> Any:
    """The value in a file. Raises OSError where there is no such file, and ValueError for what is not JSON."""
    if path.exists() and not path.is_file():  # a pipe may keep a reader waiting for ever
        raise ValueError("it is not a file")
    return parse(path.read_bytes())


def _number(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:
        return math.copysign(math.inf, -1 if digits.startswith("-") else 1)
