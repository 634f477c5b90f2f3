-- ai_extract on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- extract
--   select ticket_id, {{ dbt_ai.ai_extract(ref('llm'), 'body', ['person', 'city']) }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_query with return_type or response_format has no native form on redshift; a Bedrock function answers text and raises: ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB
