-- ai_query on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select cast(llm__call('{"request_format": "json"}', case when (body) is not null then to_string(json_object_keep_null('messages', json_array(json_object_keep_null('role', 'system', 'content', 'You label tickets.'), json_object_keep_null('role', 'user', 'content', body)))) end) as string) as answer from analytics.tickets
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: AI026: ai_query of 'struct(*)' has no native form on databend; name the columns with ai_struct(…), since Databend has no struct of every column

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: ai_query: 'spam-classification' is a string, which names an endpoint of the warehouse itself, and databend has none; give ref('…') of an external model

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
select ticket_id, llm__call('{"return_type": "STRUCT<due DATE>"}', body) as answer from analytics.tickets
;

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
select ticket_id, cast(llm__call('{"response_format": "{\\"type\\": \\"object\\", \\"properties\\": {\\"label\\": {\\"type\\": \\"string\\", \\"maxLength\\": 20}}}"}', body) as string) as answer from analytics.tickets
;

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
select ticket_id, llm__call('{"return_type": "ARRAY<STRING>", "fail_on_error": false}', body) as tags from analytics.tickets
;

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, unnamed(body) as answer from analytics.tickets
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
select ticket_id, cast(llm__call('{"return_type": "DOUBLE"}', body) as double) as urgency from analytics.tickets
;

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select llm(('It''s about ' || cast(queue as string) || ': ' || cast(body as string))) as answer from analytics.tickets
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
select ticket_id, llm__call('{"return_type": "STRUCT<label ENUM(''bug'', ''it''''s fine''), urgency INT, tags ARRAY<STRING>>"}', body) as answer from analytics.tickets
;

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, llm__call('{"return_type": "STRUCT<label: STRING, urgency: INT>", "fail_on_error": false}', body) as answer from analytics.tickets
;

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
-- compile error: ai_query: 'gemini-2.5-flash' is a string, which names an endpoint of the warehouse itself, and databend has none; give ref('…') of an external model

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, llm__call('{"fail_on_error": false}', body) as answer from analytics.tickets
;

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
select ticket_id, cast(llm__call('{"parameters": {"temperature": 0.2, "max_tokens": 64, "stop": ["it''s"]}}', body) as string) as answer from analytics.tickets
;

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, llm('Label this ticket: ' || body) as answer from analytics.tickets
;
