"""What a run finds out about this machine and remembers for the next one: JSON files in the cache folder.

Everything in them can be found out again, so nothing that is wrong with a file or its folder gets in the way of a run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt_ai.outside_json import read_file


def recall(file: Path) -> dict[str, Any]:
    """What the file holds by name; nothing where it cannot be read, or was written by hand."""
    try:
        read = read_file(file)
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def remember(file: Path, known: Mapping[str, Any]) -> None:
    """Take the place of what the file held, whole or not at all."""
    partial = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(dict(known), indent=1))
        partial.replace(file)
    except OSError:
        return
