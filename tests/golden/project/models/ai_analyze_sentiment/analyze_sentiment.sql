select ticket_id, {{ dbt_ai.ai_analyze_sentiment(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
