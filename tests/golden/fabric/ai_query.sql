-- ai_query on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select case when ((cast('You label tickets.' as varchar(max)) + N'

User: ' + cast(body as varchar(max)))) is not null then AI_GENERATE_RESPONSE((cast('You label tickets.' as varchar(max)) + N'

User: ' + cast(body as varchar(max))) ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_GENERATE_RESPONSE(body ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select case when ((N'It''s about ' + cast(queue as varchar(max)) + N': ' + cast(body as varchar(max)))) is not null then AI_GENERATE_RESPONSE((N'It''s about ' + cast(queue as varchar(max)) + N': ' + cast(body as varchar(max))) ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
select case when ('Describe SQL in 30 words.') is not null then AI_GENERATE_RESPONSE('Describe SQL in 30 words.' ERROR ON ERROR) end as answer
;

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_query with fail_on_error=false has no native form on fabric; AI_GENERATE_RESPONSE names no error: leave it out, write AI_GENERATE_RESPONSE(… NULL ON ERROR) in SQL of your own, or run this model on DuckDB

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, case when ('Label this ticket: ' || body) is not null then AI_GENERATE_RESPONSE('Label this ticket: ' || body ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;
