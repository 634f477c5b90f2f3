-- ai_classify on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_query with return_type or response_format has no native form on redshift; a Bedrock function answers text and raises: ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB

-- classify_by_probabilities
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, probabilities=true) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_classify_probabilities has no native form on redshift; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI018: ai_query with return_type or response_format has no native form on redshift; a Bedrock function answers text and raises: ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB

-- classify_with_effort
--   {{ config(materialized='ai_table') }}
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing'], effort={'agreement': 0.95, 'confidence': 0.999, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
-- compile error: AI042: effort of ai_classify has no native form on redshift; its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all rows of a model before it asks
