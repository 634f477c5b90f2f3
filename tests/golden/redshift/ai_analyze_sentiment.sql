-- ai_analyze_sentiment on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- analyze_sentiment
--   select ticket_id, {{ dbt_ai.ai_analyze_sentiment(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_query with return_type or response_format has no native form on redshift; a Bedrock function answers text and raises: ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB
