select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
