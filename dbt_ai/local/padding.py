"""Token sequences to the rectangular arrays that a transformer takes, and the tokenizer of a folder without any framework."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.local.folder import ModelFolder

Integers = NDArray[np.int64]


def pad(rows: Sequence[NDArray[np.int32]], token: int, left: bool = False) -> tuple[Integers, Integers]:
    """ids and mask, int64[rows, longest row]."""
    lengths = np.array([len(row) for row in rows])[:, None]
    width = max(1, int(lengths.max()))
    columns = np.arange(width)
    # Without a loop over rows: a batch for a GPU has thousands of them, and the GPU would wait.
    read = columns >= width - lengths if left else columns < lengths
    ids = np.full((len(rows), width), token, dtype=np.int64)
    ids[read] = np.concatenate(rows)
    return ids, read.astype(np.int64)


def load_tokenizer(folder: ModelFolder) -> Any:
    """The folder's tokenizers.Tokenizer. Raises ConfigurationError where it has only the files of a slow tokenizer."""
    from tokenizers import Tokenizer, normalizers

    if not (folder.path / "tokenizer.json").is_file():
        raise ConfigurationError(f"the model folder {folder.path} has no tokenizer.json; only backend 'torch' reads it")
    tokenizer = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    if folder.read("sentence_bert_config.json").get("do_lower_case"):
        own = [tokenizer.normalizer] if tokenizer.normalizer else []
        tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), *own])
    return tokenizer


def pad_token(folder: ModelFolder, tokenizer: Any) -> int:
    """The id of the token that fills the shorter rows."""
    named = folder.read("tokenizer_config.json").get("pad_token")
    text = named.get("content") if isinstance(named, dict) else named
    found = tokenizer.token_to_id(text) if text else None
    return int(found if found is not None else folder.config.get("pad_token_id") or 0)


def pads_left(folder: ModelFolder) -> bool:
    """Whether the model wants its padding before the text."""
    return bool(folder.read("tokenizer_config.json").get("padding_side") == "left")
