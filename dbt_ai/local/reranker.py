"""A cross-encoder in this process: it reads a query and a text together and says how relevant the text is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.options import Options

# Pairs that are handed out, and so stored, together: what a crash can cost, and how long Ctrl-C may wait.
PIECE = 256
# Of a batch. Larger ones are slower on a CPU, and a GPU takes far more.
CPU_BATCH, GPU_BATCH = 16, 256


class Reranker:
    """A CrossEncoder of Sentence Transformers. Scores are what it predicts: 0 to 1 for most models, their raw numbers for others."""

    def __init__(self, model: ExternalModel, path: Path, options: Options) -> None:
        """Raises ConfigurationError where Sentence Transformers is missing, and the framework's own errors."""
        if not (find_spec("torch") and find_spec("sentence_transformers")):
            raise ConfigurationError(f"external model {model.name!r}: a local reranker needs pip install 'dbt-ai-functions[local]'")
        from sentence_transformers import CrossEncoder

        from dbt_ai.local.torch_device import device_names

        device = device_names(options.device)[0]
        self._batch = CPU_BATCH if device == "cpu" else GPU_BATCH
        self._encoder: Any = CrossEncoder(
            str(path), device=device, max_length=options.max_length, trust_remote_code=options.trust_remote_code, local_files_only=True
        )

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[Sequence[int], Sequence[float]]]:
        """Yields positions in pairs with their scores, longest pairs first: a batch is as long as the longest in it."""
        order = sorted(range(len(pairs)), key=lambda position: -sum(map(len, pairs[position])))
        for start in range(0, len(order), PIECE):
            positions = order[start : start + PIECE]
            found = self._encoder.predict([pairs[position] for position in positions], batch_size=self._batch, show_progress_bar=False)
            if found.ndim != 1:
                raise ValueError(f"it has {found.shape[1]} labels, and a reranker has one")
            yield positions, [float(score) for score in found]
