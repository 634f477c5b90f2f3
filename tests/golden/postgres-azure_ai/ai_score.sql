-- ai_score on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- score_rows
--   select ticket_id, {{ dbt_ai.ai_score(ref('llm'), 'body', 'how urgent the ticket is', fail_on_error=true) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_score has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- score_with_errors
--   select ticket_id, {{ dbt_ai.ai_score(ref('llm'), 'body', "how urgent it's", low=0, high=100, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_score has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model
