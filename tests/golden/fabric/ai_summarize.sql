-- ai_summarize on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- summarize
--   select ticket_id, {{ dbt_ai.ai_summarize(ref('llm'), 'body', max_words=20) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_SUMMARIZE(body ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;
