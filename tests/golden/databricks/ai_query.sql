-- ai_query on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select case when (('You label tickets.' || '

User: ' || body)) is not null then ai_query('databricks-meta-llama-3-3-70b-instruct', ('You label tickets.' || '

User: ' || body), modelParameters => named_struct('max_tokens', 256)) end as answer from `memory`.`analytics`.`tickets`
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
select ai_query('weekly-forecast', struct(*), returnType => 'FLOAT') as revenue from `memory`.`analytics`.`tickets`
;

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
select text, ai_query('spam-classification', named_struct('timestamp', ts, 'sender', from_number, 'text', body), returnType => 'BOOLEAN') as is_spam from `memory`.`analytics`.`tickets`
;

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then from_json(ai_query('databricks-meta-llama-3-3-70b-instruct', body, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"due": {"type": ["string", "null"], "description": "a date as YYYY-MM-DD"}}, "required": ["due"], "additionalProperties": false}, "strict": true}}'), 'STRUCT<`due`: DATE>', map('mode', 'FAILFAST')) end as answer from `memory`.`analytics`.`tickets`
;

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then ai_query('databricks-meta-llama-3-3-70b-instruct', body, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}, "strict": false}}') end as answer from `memory`.`analytics`.`tickets`
;

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then element_at(transform(array(CAST(ai_query('databricks-meta-llama-3-3-70b-instruct', body, failOnError => false, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "array", "items": {"type": "string"}}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}') AS STRUCT<response: STRING, errorStatus: STRING>)), answer -> named_struct('response', from_json(answer.response, 'STRUCT<`answer`: ARRAY<STRING>>').answer, 'errorStatus', coalesce(answer.errorStatus, case when from_json(answer.response, 'STRUCT<`answer`: ARRAY<STRING>>').answer is null then concat('the answer is not ', 'ARRAY<STRING>', ': ', substr(answer.response, 1, 100)) end))), 1) end as tags from `memory`.`analytics`.`tickets`
;

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "unnamed", "location": "https://api.openai.com/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "gpt-4o-mini", "parameters": {}}, "parameters": {}}' as dbt_ai_call from `memory`.`dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('d9b4f3b0fe83d260a981072ea5f2bd44' || case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end), 256)) as answer from `memory`.`analytics`.`tickets`
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then from_json(ai_query('databricks-meta-llama-3-3-70b-instruct', body, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "number"}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}'), 'STRUCT<`answer`: DOUBLE>', map('mode', 'FAILFAST')).answer end as urgency from `memory`.`analytics`.`tickets`
;

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select case when (('It\'s about ' || cast(queue as string) || ': ' || cast(body as string))) is not null then ai_query('databricks-meta-llama-3-3-70b-instruct', ('It\'s about ' || cast(queue as string) || ': ' || cast(body as string)), modelParameters => named_struct('max_tokens', 256)) end as answer from `memory`.`analytics`.`tickets`
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then from_json(ai_query('databricks-meta-llama-3-3-70b-instruct', body, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"label": {"type": ["string", "null"], "enum": ["bug", "it\'s fine", null]}, "urgency": {"type": ["integer", "null"]}, "tags": {"type": ["array", "null"], "items": {"type": "string"}}}, "required": ["label", "urgency", "tags"], "additionalProperties": false}, "strict": true}}'), 'STRUCT<`label`: STRING, `urgency`: INT, `tags`: ARRAY<STRING>>', map('mode', 'FAILFAST')) end as answer from `memory`.`analytics`.`tickets`
;

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then element_at(transform(array(CAST(ai_query('databricks-meta-llama-3-3-70b-instruct', body, failOnError => false, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"label": {"type": ["string", "null"]}, "urgency": {"type": ["integer", "null"]}}, "required": ["label", "urgency"], "additionalProperties": false}, "strict": true}}') AS STRUCT<response: STRING, errorStatus: STRING>)), answer -> named_struct('response', from_json(answer.response, 'STRUCT<`label`: STRING, `urgency`: INT>'), 'errorStatus', coalesce(answer.errorStatus, case when from_json(answer.response, 'STRUCT<`label`: STRING, `urgency`: INT>') is null then concat('the answer is not ', 'STRUCT<`label`: STRING, `urgency`: INT>', ': ', substr(answer.response, 1, 100)) end))), 1) end as answer from `memory`.`analytics`.`tickets`
;

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
select case when ('Describe SQL in 30 words.') is not null then ai_query('gemini-2.5-flash', 'Describe SQL in 30 words.') end as answer
;

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then CAST(ai_query('databricks-meta-llama-3-3-70b-instruct', body, failOnError => false, modelParameters => named_struct('max_tokens', 256)) AS STRUCT<response: STRING, errorStatus: STRING>) end as answer from `memory`.`analytics`.`tickets`
;

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then ai_query('databricks-meta-llama-3-3-70b-instruct', body, modelParameters => named_struct('max_tokens', 64, 'temperature', CAST(0.2 AS DOUBLE), 'stop', array('it\'s'))) end as answer from `memory`.`analytics`.`tickets`
;

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, case when ('Label this ticket: ' || body) is not null then ai_query('databricks-meta-llama-3-3-70b-instruct', 'Label this ticket: ' || body, modelParameters => named_struct('max_tokens', 256)) end as answer from `memory`.`analytics`.`tickets`
;
