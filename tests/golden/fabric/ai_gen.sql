-- ai_gen on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_GENERATE_RESPONSE(body ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;
