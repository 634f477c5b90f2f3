-- ai_field on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
-- compile error: AI018: ai_field has no native form on redshift; answers are text on Redshift: ask for JSON in the prompt and read it with json_parse
