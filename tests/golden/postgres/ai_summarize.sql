-- ai_summarize on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- summarize
--   select ticket_id, {{ dbt_ai.ai_summarize(ref('llm'), 'body', max_words=20) }} as answer from {{ ref('tickets') }}
-- compile error: AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB
