select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund', probabilities=true) }} as answer from {{ ref('tickets') }}
