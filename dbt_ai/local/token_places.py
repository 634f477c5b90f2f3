"""Where the tokens of a text begin, as a local embedder reads it. No framework is imported but tokenizers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.folder import ModelFolder
from dbt_ai.local.options import Options
from dbt_ai.local.padding import load_tokenizer

# Texts that are tokenised at once. An encoding with its places takes a hundred times the memory of a text.
_AT_ONCE = 64


class TokenPlaces:
    """The tokenizer of a model folder.

    reads: the most tokens that the model reads of a text, without those that it adds; None where there is no limit.
    """

    def __init__(self, model: ExternalModel, folder: ModelFolder, options: Options) -> None:
        """Raises ConfigurationError where the tokenizer cannot be read."""
        if find_spec("tokenizers") is None:
            raise ConfigurationError(f"external model {model.name!r}: its tokens are counted with pip install 'dbt-ai-functions[local]'")
        self._tokenizer = load_tokenizer(folder)
        truncation = self._tokenizer.truncation
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        own = (truncation["max_length"] if truncation else None) if folder.is_static else folder.max_length
        limits = [limit for limit in (options.max_length, own) if limit]
        special = 0 if folder.is_static else self._tokenizer.num_special_tokens_to_add(False)
        prefix = len(self._tokenizer.encode(options.prefix(model, folder), add_special_tokens=False))
        self.reads = max(min(limits) - special - prefix, 1) if limits and options.over_long != "mean" else None

    def starts(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        """For each text, the position of the character that each token begins with."""
        for start in range(0, len(texts), _AT_ONCE):
            for encoding in self._tokenizer.encode_batch(list(texts[start : start + _AT_ONCE]), add_special_tokens=False):
                yield [begin for begin, _ in encoding.offsets]
