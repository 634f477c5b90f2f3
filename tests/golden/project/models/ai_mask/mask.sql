select ticket_id, {{ dbt_ai.ai_mask(ref('llm'), 'body', ['person', 'email']) }} as answer from {{ ref('tickets') }}
