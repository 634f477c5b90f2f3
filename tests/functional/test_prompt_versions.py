"""A built-in prompt that changes has another version: an upgrade says what it asks again."""

from __future__ import annotations

import hashlib
import re

import golden
import pytest
from conftest import REPOSITORY

from dbt_ai.store.prompts import VERSIONS

# Prompt, its version, a call of it, and the beginning of the SHA-256 of what that gives. Who changes a prompt raises its version here, in
# its file and in dbt_ai/store/prompts.py.
PROMPTS = {
    "ai_agg": (1, "ai_agg_prompt('What is new?')", "759f527daf1c"),
    "ai_analyze_sentiment": (1, "ai_analyze_sentiment_prompt()", "8519e9acf640"),
    "ai_classify": (2, "ai_classify_prompt(['a', 'b'], 'Judge the tone.', [], false)", "f091ac80442a"),
    "ai_classify_probabilities": (
        2,
        "ai_classify_probabilities_prompt({'a': '', 'b': 'bees'}, ['a', 'b'], 'Judge the tone.', [])",
        "e07def3d43c2",
    ),
    "ai_extract": (1, "ai_extract_prompt('Dates are day first.')", "04b3421cf36c"),
    "ai_filter": (1, "ai_filter_prompt('It rains')", "7dc84a4ce01f"),
    "ai_fix_grammar": (1, "ai_fix_grammar_prompt()", "3d2a8c05e9b0"),
    "ai_join": (1, "ai_join_prompt('both name one product')", "49fef6edb471"),
    "ai_mask": (1, "ai_mask_prompt(['name', 'e-mail'])", "0ddd7eee4078"),
    "ai_rank": (1, "ai_rank_prompt()", "1d3f2d3f93fd"),
    "ai_score": (1, "ai_score_prompt('how wet it is', '1', '5')", "71af21d69ace"),
    "ai_summarize": (1, "ai_summarize_prompt(50)", "d3a31a127a3b"),
    "ai_translate": (1, "ai_translate_prompt('fr')", "f3790ed95f87"),
}


@pytest.mark.parametrize("function", PROMPTS)
def test_a_prompt_that_changes_has_another_version(function: str):
    version, call, digest = PROMPTS[function]
    given = golden.compiler().render(golden.ENGINES["duckdb"], f"{{{{ dbt_ai.{call} }}}}")
    assert given.error is None
    assert hashlib.sha256(str(given.sql).encode()).hexdigest()[:12] == digest
    written = (REPOSITORY / f"macros/prompts/{function}_prompt.sql").read_text()
    assert re.match(r"\{#- Version (\d+)\.", written)[1] == str(version)  # type: ignore[index]
    assert VERSIONS[function] == version


def test_every_prompt_has_a_version():
    files = {path.stem.removesuffix("_prompt") for path in (REPOSITORY / "macros/prompts").glob("*.sql")}
    assert set(PROMPTS) == files
    assert set(VERSIONS) == {*files, "ai_decide", "ai_summarize_agg"}  # which ask with the prompts of others
