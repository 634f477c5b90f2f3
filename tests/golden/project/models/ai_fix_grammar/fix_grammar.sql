select ticket_id, {{ dbt_ai.ai_fix_grammar(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
