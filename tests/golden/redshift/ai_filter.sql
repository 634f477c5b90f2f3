-- ai_filter on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- filter_rows
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund') }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_query with return_type or response_format has no native form on redshift; a Bedrock function answers text and raises: ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB
