"""The built-in prompts, by version: a release that changes one says which stored answers it no longer uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbt_ai.store.schema import Tables

if TYPE_CHECKING:
    import duckdb

# Of macros/prompts, by the function whose answers depend on them.
VERSIONS = {
    "ai_agg": 1,
    "ai_analyze_sentiment": 1,
    "ai_classify": 2,
    "ai_classify_probabilities": 2,
    "ai_decide": 1,
    "ai_extract": 1,
    "ai_filter": 1,
    "ai_fix_grammar": 1,
    "ai_join": 1,
    "ai_mask": 1,
    "ai_rank": 1,
    "ai_score": 1,
    "ai_summarize": 1,
    "ai_summarize_agg": 1,
    "ai_translate": 1,
}


def note(cursor: duckdb.DuckDBPyConnection, tables: Tables, function: str) -> str:
    """Remember the version of a function's prompt. Returns what a user should know if it is another than before."""
    if function not in VERSIONS:
        return ""
    now = VERSIONS[function]
    found = cursor.execute(f"select version from {tables.prompt_versions} where function = ?", [function]).fetchall()
    if found == [(now,)]:
        return ""
    cursor.execute(f"delete from {tables.prompt_versions} where function = ?", [function])
    cursor.execute(f"insert into {tables.prompt_versions} values (?, ?)", [function, now])
    [(count,)] = cursor.execute(f"select count(*) from {tables.responses} where function = ?", [function]).fetchall()
    if not (found and count):
        return ""
    return (
        f"dbt_ai: the built-in prompt of {function} is version {now}, and was {found[0][0]}: its {count:,} stored answers are not used,"
        " and what a run needs of them is asked again, unless the project has a prompt of its own"
    )
