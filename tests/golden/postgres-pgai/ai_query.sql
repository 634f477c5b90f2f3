-- ai_query on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select case when (('You label tickets.' || '

User: ' || body)) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', ('You label tickets.' || '

User: ' || body))), max_tokens => 256) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
select case when (struct(*)) is not null then cast((cast((ai.openai_chat_complete('weekly-forecast', jsonb_build_array(jsonb_build_object('role', 'user', 'content', struct(*))), response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "number"}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}' as jsonb)) #>> '{choices,0,message,content}') as jsonb) #>> '{answer}') as real) end as revenue from "memory"."analytics"."tickets"
;

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
select text, case when (cast(jsonb_build_object('timestamp', ts, 'sender', from_number, 'text', body) as text)) is not null then cast((cast((ai.openai_chat_complete('spam-classification', jsonb_build_array(jsonb_build_object('role', 'user', 'content', cast(jsonb_build_object('timestamp', ts, 'sender', from_number, 'text', body) as text))), response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "boolean"}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}' as jsonb)) #>> '{choices,0,message,content}') as jsonb) #>> '{answer}') as boolean) end as is_spam from "memory"."analytics"."tickets"
;

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then cast((ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body)), max_tokens => 256, response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"due": {"type": ["string", "null"], "description": "a date as YYYY-MM-DD"}}, "required": ["due"], "additionalProperties": false}, "strict": true}}' as jsonb)) #>> '{choices,0,message,content}') as jsonb) end as answer from "memory"."analytics"."tickets"
;

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body)), max_tokens => 256, response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}, "strict": false}}' as jsonb)) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
-- compile error: AI026: ai_query with fail_on_error=false has no native form on postgres; the pgai extension raises its errors: leave it out, or run this model on DuckDB

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body))) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then cast((cast((ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body)), max_tokens => 256, response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "number"}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}' as jsonb)) #>> '{choices,0,message,content}') as jsonb) #>> '{answer}') as double precision) end as urgency from "memory"."analytics"."tickets"
;

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select case when (('It''s about ' || cast(queue as TEXT) || ': ' || cast(body as TEXT))) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', ('It''s about ' || cast(queue as TEXT) || ': ' || cast(body as TEXT)))), max_tokens => 256) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then cast((ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body)), max_tokens => 256, response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"label": {"type": ["string", "null"], "enum": ["bug", "it''s fine", null]}, "urgency": {"type": ["integer", "null"]}, "tags": {"type": ["array", "null"], "items": {"type": "string"}}}, "required": ["label", "urgency", "tags"], "additionalProperties": false}, "strict": true}}' as jsonb)) #>> '{choices,0,message,content}') as jsonb) end as answer from "memory"."analytics"."tickets"
;

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with fail_on_error=false has no native form on postgres; the pgai extension raises its errors: leave it out, or run this model on DuckDB

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
select case when ('Describe SQL in 30 words.') is not null then (ai.openai_chat_complete('gemini-2.5-flash', jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'Describe SQL in 30 words.'))) #>> '{choices,0,message,content}') end as answer
;

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with fail_on_error=false has no native form on postgres; the pgai extension raises its errors: leave it out, or run this model on DuckDB

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', body)), max_tokens => 64, temperature => 0.2, stop => cast('["it''s"]' as jsonb)) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, case when ('Label this ticket: ' || body) is not null then (ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'Label this ticket: ' || body)), max_tokens => 256) #>> '{choices,0,message,content}') end as answer from "memory"."analytics"."tickets"
;
