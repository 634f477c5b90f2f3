select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'de') }} as answer from {{ ref('tickets') }}
