"""Builds the embedder that a model folder and its options ask for. Imports the framework: only called when vectors are needed."""

from __future__ import annotations

import torch

from dbt_ai.external_model import ExternalModel
from dbt_ai.local.embedder import Embedder, Recipe
from dbt_ai.local.folder import model_folder
from dbt_ai.local.location import Place
from dbt_ai.local.options import Options
from dbt_ai.local.tokens import Tokens
from dbt_ai.local.torch_device import TorchDevice
from dbt_ai.local.workers import Budget, Workers


def load(model: ExternalModel, place: Place, options: Options) -> Embedder:
    """Load the model once for each device."""
    folder = model_folder(place.path)
    prefix = options.prefix(model, folder)
    device = options.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    precision = options.precision if options.precision != "auto" else "fp32" if device == "cpu" else "fp16"
    loaded = TorchDevice(str(place.path), device, precision)
    limits = [limit for limit in (options.max_length, loaded.model.max_seq_length) if limit]
    recipe = Recipe(
        prefix=prefix,
        dimensions=options.dimensions,
        normalize=bool(options.normalize or folder.normalizes),
        over_long=options.over_long,
        max_length=min(limits) if limits else None,
    )
    tokens = Tokens(loaded.tokenizer, recipe.max_length, windows=options.over_long == "mean")
    return Embedder(tokens, Workers([loaded], Budget(4096)), recipe)
