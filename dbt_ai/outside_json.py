"""JSON that somebody else wrote."""

from __future__ import annotations

import json
import math
from typing import Any


def parse(text: bytes | str) -> Any:
    """The value that the text is. Raises ValueError for what is no JSON, is no text, or is nested too deep.

    A number of more digits than Python reads is infinity: a broken counter must not cost the answer beside it.

    >>> parse('{"tokens": ' + "9" * 5000 + "}")
    {'tokens': inf}
    """
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise
        except UnicodeDecodeError:
            raise ValueError("it is not UTF-8") from None
        except ValueError:  # the digits of a number
            return json.loads(text, parse_int=_number)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _number(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:
        return math.copysign(math.inf, -1 if digits.startswith("-") else 1)
