"""Model files that many tests use."""

from hashlib import sha256
from typing import Any

EMBEDDER = """{{ dbt_ai.create_external_model(
    location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='m', parameters={'dimensions': 8}) }}"""

LLM = """{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='CHAT', model='c') }}"""

RERANKER = """{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='RERANKING', model='r') }}"""

# 40 rows, 10 distinct bodies, and one NULL
TEXTS = "select i, 'text ' || (i % 10) as body from range(40) t(i) union all select 40, null"


def ai_table(sql: str) -> str:
    return "{{ config(materialized='ai_table') }}\n" + sql


def external_model(**fields: Any) -> str:
    """A model file that is an external model with these fields."""
    return "{{ dbt_ai.create_external_model(" + ", ".join(f"{name}={value!r}" for name, value in fields.items()) + ") }}"


def mock_answer(text: str) -> str:
    """What the Mock model answers to a text."""
    return f"mock answer {sha256(text.encode()).hexdigest()[:16]}"
