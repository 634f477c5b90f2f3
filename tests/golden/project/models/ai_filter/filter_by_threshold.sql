select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund', threshold=0.8) }} as answer from {{ ref('tickets') }}
