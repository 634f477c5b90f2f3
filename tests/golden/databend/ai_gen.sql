-- ai_gen on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, cast(llm__call('{"function": "ai_gen"}', body) as string) as answer from analytics.tickets
;
