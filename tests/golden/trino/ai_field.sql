-- ai_field on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
select ticket_id, (answer).response.urgency as urgency, (answer).errorStatus as error
from "memory"."analytics"."answers"
;
