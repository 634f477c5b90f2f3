select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
