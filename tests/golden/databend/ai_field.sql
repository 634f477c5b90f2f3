-- ai_field on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
select ticket_id, cast(answer:response:urgency as int) as urgency, cast(answer:errorStatus as string) as error
from analytics.answers
;
