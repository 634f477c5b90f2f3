-- ai_gen on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then azure_ai.generate(prompt => body, model => 'gpt-4o-mini') end as answer from "memory"."analytics"."tickets"
;
