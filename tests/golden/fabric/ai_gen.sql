-- ai_gen on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, AI_GENERATE_RESPONSE(body) as answer from "memory"."analytics"."tickets"
;
