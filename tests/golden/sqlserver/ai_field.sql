-- ai_field on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
select ticket_id, cast(json_value(answer, '$.response.urgency') as int) as urgency, json_value(answer, '$.errorStatus') as error
from "memory"."analytics"."answers"
;
