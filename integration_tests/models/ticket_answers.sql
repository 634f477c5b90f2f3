select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Answer this ticket: ' || body") }} as answer
from {{ ref('tickets') }}
