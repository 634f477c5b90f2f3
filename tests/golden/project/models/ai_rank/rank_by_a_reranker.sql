select ticket_id, {{ dbt_ai.ai_rank(ref('reranker'), 'queue', 'body') }} as answer from {{ ref('tickets') }}
