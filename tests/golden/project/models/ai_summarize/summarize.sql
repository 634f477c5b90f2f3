select ticket_id, {{ dbt_ai.ai_summarize(ref('llm'), 'body', max_words=20) }} as answer from {{ ref('tickets') }}
