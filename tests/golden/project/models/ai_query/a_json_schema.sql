select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
