-- ai_gen on postgres-alloydb. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then ai.generate(model_id => 'gpt-4o-mini', prompt => body) end as answer from "memory"."analytics"."tickets"
;
