-- ai_query on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select case when (('You label tickets.' || '\n\nUser: ' || body)) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.GENERATE(('You label tickets.' || '\n\nUser: ' || body), endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: AI012: ai_query with model 'weekly-forecast' has no native form on bigquery; AI.GENERATE answers with Gemini models only: name one, or select from AI.GENERATE_TEXT over a remote model of your own

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: AI012: ai_query with model 'spam-classification' has no native form on bigquery; AI.GENERATE answers with Gemini models only: name one, or select from AI.GENERATE_TEXT over a remote model of your own

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
-- compile error: AI014: return_type DATE has no native form on bigquery; AI.GENERATE answers STRING, INT64, FLOAT64, BOOL, ARRAY and STRUCT: ask for one of these and cast the column after it

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', to_json_string(struct(answer.label as label)), error(answer.status)) from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'label STRING OPTIONS(description = \'null if not known\')') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select as struct if(coalesce(answer.status, '') = '', answer.answer, null) as response, nullif(answer.status, '') as errorStatus from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'answer ARRAY<STRING>') as answer)) end as tags from `memory`.`analytics`.`tickets`
;

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "unnamed", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "parameters": {}}, "parameters": {}}' as dbt_ai_call from `memory`.`dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = to_hex(sha256(('d9b4f3b0fe83d260a981072ea5f2bd44' || cast((body) as string))))) as answer from `memory`.`analytics`.`tickets`
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.answer, error(answer.status)) from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'answer FLOAT64') as answer)) end as urgency from `memory`.`analytics`.`tickets`
;

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select case when (('It\'s about ' || cast(queue as string) || ': ' || cast(body as string))) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.GENERATE(('It\'s about ' || cast(queue as string) || ': ' || cast(body as string)), endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', struct(answer.label as label, answer.urgency as urgency, answer.tags as tags), error(answer.status)) from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'label STRING OPTIONS(description = \'one of bug, it\\\'s fine; null if not known\'), urgency INT64 OPTIONS(description = \'null if not known\'), tags ARRAY<STRING> OPTIONS(description = \'null if not known\')') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select as struct if(coalesce(answer.status, '') = '', struct(answer.label as label, answer.urgency as urgency), null) as response, nullif(answer.status, '') as errorStatus from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'label STRING OPTIONS(description = \'null if not known\'), urgency INT64 OPTIONS(description = \'null if not known\')') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
select case when ('Describe SQL in 30 words.') is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.GENERATE('Describe SQL in 30 words.', endpoint => 'gemini-2.5-flash') as answer)) end as answer
;

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select as struct if(coalesce(answer.status, '') = '', answer.result, null) as response, nullif(answer.status, '') as errorStatus from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 64, "temperature": 0.2, "stop_sequences": ["it\'s"]}}') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, case when ('Label this ticket: ' || body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.GENERATE('Label this ticket: ' || body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}') as answer)) end as answer from `memory`.`analytics`.`tickets`
;
