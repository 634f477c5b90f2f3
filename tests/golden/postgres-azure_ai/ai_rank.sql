-- ai_rank on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- rank_by_a_chat_model
--   select ticket_id, {{ dbt_ai.ai_rank(ref('llm'), "'refunds'", 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_rank has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- rank_by_a_reranker
--   select ticket_id, {{ dbt_ai.ai_rank(ref('reranker'), 'queue', 'body') }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_rank has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model
