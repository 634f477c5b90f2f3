-- ai_field on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
select ticket_id, cast((answer #>> '{response,urgency}') as int) as urgency, (answer #>> '{errorStatus}') as error
from "memory"."analytics"."answers"
;
