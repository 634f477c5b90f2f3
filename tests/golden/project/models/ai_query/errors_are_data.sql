select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
