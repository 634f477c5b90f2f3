-- ai_fix_grammar on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- fix_grammar
--   select ticket_id, {{ dbt_ai.ai_fix_grammar(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_FIX_GRAMMAR(body ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;
