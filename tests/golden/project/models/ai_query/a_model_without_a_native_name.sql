select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
