-- ai_field on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
-- compile error: AI017: ai_field has no native form on fabric; answers are text on Fabric Warehouse: ask for JSON in the prompt and read it with json_value
