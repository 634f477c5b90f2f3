-- ai_query on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "request_format": "json"}', cast((to_json(case when (body) is not null then struct_pack(messages := [{'role': 'system', 'content': 'You label tickets.'}, {'role': 'user', 'content': body}]) end)) as TEXT), coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_conversation')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: external model 'weekly-forecast' is not in "memory"."dbt_ai".external_models for schema 'analytics'; create it first, or use one of: none

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: external model 'spam-classification' is not in "memory"."dbt_ai".external_models for schema 'analytics'; create it first, or use one of: none

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
select ticket_id, cast(cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "STRUCT<due DATE>", "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_date')) as JSON) as STRUCT("due" DATE)) as answer from "memory"."analytics"."tickets"
;

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "response_format": "{\"type\": \"object\", \"properties\": {\"label\": {\"type\": \"string\", \"maxLength\": 20}}}", "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_json_schema')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
select ticket_id, cast(cast(dbt_ai_try_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "ARRAY<STRING>", "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_list_or_its_error')) as STRUCT(response JSON, "errorStatus" VARCHAR)) as STRUCT(response VARCHAR[], "errorStatus" VARCHAR)) as tags from "memory"."analytics"."tickets"
;

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "unnamed", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "parameters": {}}, "parameters": {}, "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_model_without_a_native_name')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "DOUBLE", "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_number')) as DOUBLE) as urgency from "memory"."analytics"."tickets"
;

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}}', cast((('It''s about ' || cast(queue as TEXT) || ': ' || cast(body as TEXT))) as TEXT), coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_prompt')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
select ticket_id, cast(cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "STRUCT<label ENUM(''bug'', ''it''''s fine''), urgency INT, tags ARRAY<STRING>>", "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_struct')) as JSON) as STRUCT("label" VARCHAR, "urgency" INTEGER, "tags" VARCHAR[])) as answer from "memory"."analytics"."tickets"
;

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, cast(cast(dbt_ai_try_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "STRUCT<label: STRING, urgency: INT>", "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.a_struct_or_its_error')) as STRUCT(response JSON, "errorStatus" VARCHAR)) as STRUCT(response STRUCT("label" VARCHAR, "urgency" INTEGER), "errorStatus" VARCHAR)) as answer from "memory"."analytics"."tickets"
;

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
-- compile error: external model 'gemini-2.5-flash' is not in "memory"."dbt_ai".external_models for schema 'analytics'; create it first, or use one of: none

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_try_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.errors_are_data')) as STRUCT(response VARCHAR, "errorStatus" VARCHAR)) as answer from "memory"."analytics"."tickets"
;

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {"temperature": 0.2, "max_tokens": 64, "stop": ["it''s"]}, "request_format": "' || case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then 'json' else 'text' end || '"}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.parameters')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_query('{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}}', cast(('Label this ticket: ' || body) as TEXT), coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.plain')) as VARCHAR) as answer from "memory"."analytics"."tickets"
;
