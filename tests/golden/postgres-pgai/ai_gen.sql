-- ai_gen on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body)), max_tokens => 256) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;
