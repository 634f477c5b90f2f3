select ticket_id, {{ dbt_ai.ai_extract(ref('llm'), 'body', ['person', 'city']) }} as answer from {{ ref('tickets') }}
