-- ai_extract on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- extract
--   select ticket_id, {{ dbt_ai.ai_extract(ref('llm'), 'body', ['person', 'city']) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_EXTRACT(body, N'person', N'city' ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;
