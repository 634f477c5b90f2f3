-- ai_gen on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_gen", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('28e6d5201e6151b7c41485c8b06f6941' || case when pg_typeof((body)) not in (cast('text' as regtype), cast('varchar' as regtype)) and left(btrim(left(substr(cast(json_build_array((body)) as text), 2), -1), E' \t\n\r'), 1) in ('{', '[') then btrim(left(substr(cast(json_build_array((body)) as text), 2), -1), E' \t\n\r') else cast((body) as TEXT) end), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;
