select ticket_id, {{ dbt_ai.ai_score(ref('llm'), 'body', "how urgent it's", low=0, high=100, fail_on_error=false) }} as answer from {{ ref('tickets') }}
