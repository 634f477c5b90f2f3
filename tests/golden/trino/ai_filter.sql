-- ai_filter on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- filter_rows
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund') }} as answer from {{ ref('tickets') }}
-- compile error: AI022: ai_filter has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own
