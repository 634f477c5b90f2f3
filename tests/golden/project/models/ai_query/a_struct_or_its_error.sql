select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
