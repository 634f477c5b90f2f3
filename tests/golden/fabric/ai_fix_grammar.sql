-- ai_fix_grammar on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- fix_grammar
--   select ticket_id, {{ dbt_ai.ai_fix_grammar(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, AI_FIX_GRAMMAR(body) as answer from "memory"."analytics"."tickets"
;
