"""Models of Sentence Transformers, and static ones of model2vec, computed in this process."""

from __future__ import annotations

from dataclasses import fields

from dbt_ai.local.options import Options
from dbt_ai.providers._local_embeddings import LocalEmbeddings


class SentenceTransformers(LocalEmbeddings):
    """Parameters: see Options."""

    api_format = "Sentence Transformers"
    accepted = tuple(field.name for field in fields(Options) if field.name != "pooling")
