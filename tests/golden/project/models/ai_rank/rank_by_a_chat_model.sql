select ticket_id, {{ dbt_ai.ai_rank(ref('llm'), "'refunds'", 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
