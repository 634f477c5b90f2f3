select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
from {{ ref('answers') }}
