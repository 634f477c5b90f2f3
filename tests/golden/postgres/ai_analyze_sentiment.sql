-- ai_analyze_sentiment on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- analyze_sentiment
--   select ticket_id, {{ dbt_ai.ai_analyze_sentiment(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
-- compile error: AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB
