-- ai_fix_grammar on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- fix_grammar
--   select ticket_id, {{ dbt_ai.ai_fix_grammar(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
-- compile error: AI022: ai_fix_grammar has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own
