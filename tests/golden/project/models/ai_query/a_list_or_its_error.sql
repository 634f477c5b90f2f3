select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
