-- ai_translate on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- translate
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'de') }} as answer from {{ ref('tickets') }}
select ticket_id, AI_TRANSLATE(body, N'de') as answer from "memory"."analytics"."tickets"
;
