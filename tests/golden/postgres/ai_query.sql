-- ai_query on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "request_format": "json"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('292934d9f4415759506da1f7b5c53600' || cast((case when (body) is not null then ('{"messages":[{"role":"system","content":' || cast(json_build_array('You label tickets.') -> 0 as text) || '}' || ',{"role":"user","content":' || cast(json_build_array(body) -> 0 as text) || '}]}') end) as TEXT)), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "STRUCT<due DATE>"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('ba2ef096c0c6fa8b1dce499ab5ee655c' || cast((body) as TEXT)), 'UTF8'))) as jsonb) as answer from "memory"."analytics"."tickets"
;

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "response_format": "{\"type\": \"object\", \"properties\": {\"label\": {\"type\": \"string\", \"maxLength\": 20}}}"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('8a3483a01bedf658c749c7165a2868be' || cast((body) as TEXT)), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then jsonb_build_object('response', cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "ARRAY<STRING>", "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('d2317484df54d9d46396ecdf8ab231a9' || cast((body) as TEXT)), 'UTF8'))) as jsonb), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha256(convert_to(('d2317484df54d9d46396ecdf8ab231a9' || cast((body) as TEXT)), 'UTF8')))) end as tags from "memory"."analytics"."tickets"
;

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "unnamed", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "parameters": {}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('d9b4f3b0fe83d260a981072ea5f2bd44' || cast((body) as TEXT)), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "DOUBLE"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('aece94e9c7936c08561a1b1aaac20918' || cast((body) as TEXT)), 'UTF8'))) as double precision) as urgency from "memory"."analytics"."tickets"
;

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('8c9a0c1c1a8f47cb2ab2d4ad229da060' || cast((('It''s about ' || cast(queue as TEXT) || ': ' || cast(body as TEXT))) as TEXT)), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "STRUCT<label ENUM(''bug'', ''it''''s fine''), urgency INT, tags ARRAY<STRING>>"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('bd66db18c901f94af1461cc516a6853f' || cast((body) as TEXT)), 'UTF8'))) as jsonb) as answer from "memory"."analytics"."tickets"
;

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then jsonb_build_object('response', cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "return_type": "STRUCT<label: STRING, urgency: INT>", "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('57c71ddc09b150f2c42971c94c46c8db' || cast((body) as TEXT)), 'UTF8'))) as jsonb), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha256(convert_to(('57c71ddc09b150f2c42971c94c46c8db' || cast((body) as TEXT)), 'UTF8')))) end as answer from "memory"."analytics"."tickets"
;

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
-- compile error: AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then jsonb_build_object('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('8c9a0c1c1a8f47cb2ab2d4ad229da060' || cast((body) as TEXT)), 'UTF8'))), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha256(convert_to(('8c9a0c1c1a8f47cb2ab2d4ad229da060' || cast((body) as TEXT)), 'UTF8')))) end as answer from "memory"."analytics"."tickets"
;

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {"temperature": 0.2, "max_tokens": 64, "stop": ["it''s"]}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('13f5a95eb94d463b168df5fa7ba51e2f' || cast((body) as TEXT)), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "llm", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "credential": "https://api.openai.com", "parameters": {"max_tokens": 256}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('8c9a0c1c1a8f47cb2ab2d4ad229da060' || cast(('Label this ticket: ' || body) as TEXT)), 'UTF8'))) as answer from "memory"."analytics"."tickets"
;
