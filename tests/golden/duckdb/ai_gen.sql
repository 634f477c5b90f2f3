-- ai_gen on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_query('{"function": "ai_gen", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.gen')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;
