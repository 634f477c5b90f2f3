-- ai_filter on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- filter_by_probability
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund', probabilities=true) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_filter has no native form on redshift; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- filter_by_threshold
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund', threshold=0.8) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_filter has no native form on redshift; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- filter_rows
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund') }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_query with return_type or response_format has no native form on redshift; a Bedrock function answers text and raises: ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB

-- filter_with_effort
--   {{ config(materialized='ai_table') }}
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund', fail_on_error=false, effort={'agreement': 0.9, 'confidence': 0.95, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
-- compile error: AI042: effort of ai_filter has no native form on redshift; its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all rows of a model before it asks
