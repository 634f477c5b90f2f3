select ticket_id, {{ dbt_ai.ai_score(ref('llm'), 'body', 'how urgent the ticket is', fail_on_error=true) }} as answer from {{ ref('tickets') }}
