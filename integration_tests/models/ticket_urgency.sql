select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='INT') }} as urgency
from {{ ref('tickets') }}
