-- ai_filter on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- filter_rows
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund') }} as answer from {{ ref('tickets') }}
-- compile error: AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB
