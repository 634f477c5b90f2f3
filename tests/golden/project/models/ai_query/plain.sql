select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
