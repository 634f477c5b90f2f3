-- ai_extract on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- extract
--   select ticket_id, {{ dbt_ai.ai_extract(ref('llm'), 'body', ['person', 'city']) }} as answer from {{ ref('tickets') }}
select ticket_id, AI_EXTRACT(body, N'person', N'city') as answer from "memory"."analytics"."tickets"
;
