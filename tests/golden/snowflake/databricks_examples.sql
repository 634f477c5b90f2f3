-- databricks_examples on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- chat
--   -- Stands for the serving endpoint 'my-external-model-openai-chat' of a workspace; without DBT_AI_SERVING_URL a mock does.
--   {% set workspace = env_var('DBT_AI_SERVING_URL', '') %}
--   {{ dbt_ai.create_external_model(
--        location   = workspace ~ '/serving-endpoints/chat/invocations' if workspace else 'mock:',
--        api_format = 'Databricks' if workspace else 'Mock',
--        model_type = 'CHAT', model = 'chat', parameters = {'max_tokens': 100},
--        native     = {'databricks': 'my-external-model-openai-chat'}) }}
-- Stands for the serving endpoint 'my-external-model-openai-chat' of a workspace; without DBT_AI_SERVING_URL a mock does.

select
  'chat' as name,
  'mock:' as location,
  'Mock' as api_format,
  'CHAT' as model_type,
  'chat' as model,
  cast(null as TEXT) as credential,
  cast(null as TEXT) as identity,
  '{"max_tokens": 100}' as parameters
;

-- databricks_messages
--   select * from (values
--     (1, 1700000000, 'friend', 'You won a prize'), (2, 1700000001, '+1 555', 'You won a PRIZE'), (3, 1700000002, '+1 556', 'It is me')) as messages(id, ts, from_number, body)
select * from (values
  (1, 1700000000, 'friend', 'You won a prize'), (2, 1700000001, '+1 555', 'You won a PRIZE'), (3, 1700000002, '+1 556', 'It is me')) as messages(id, ts, from_number, body)
;

-- databricks_trips
--   -- Stands for samples.nyctaxi.trips.
--   select * from (values (1, '10282', 5, 'The trip was good but car is dirty', 6.5), (2, '10110', 1, 'me and him goes to work', 4.0), (3, '10003', 3, null, 9.25)) as trips(trip_id, pickup_zip, units, note, price)
-- Stands for samples.nyctaxi.trips.
select * from (values (1, '10282', 5, 'The trip was good but car is dirty', 6.5), (2, '10110', 1, 'me and him goes to work', 4.0), (3, '10003', 3, null, 9.25)) as trips(trip_id, pickup_zip, units, note, price)
;

-- example_1_batch_inference
--   -- Batch inference: a prompt and a column, errors as data, constant parameters.
--   {{ config(materialized='table') }}
--   {% set prompt = "'Correct the grammar of: '" %}
--   select note,
--          {{ dbt_ai.ai_query(ref('chat'), prompt ~ ' || note', fail_on_error=false,
--                             model_parameters={'max_tokens': 40, 'temperature': 0.0}) }} as response,
--          {{ dbt_ai.ai_query(ref('chat'), 'concat(' ~ prompt ~ ', note)', fail_on_error=false,
--                             model_parameters={'max_tokens': 40, 'temperature': 0.0}) }} as by_concat
--   from {{ ref('databricks_trips') }}
--   where note is not null
--   limit 10
-- Batch inference: a prompt and a column, errors as data, constant parameters.


select note,
       case when ('Correct the grammar of: ' || note) is not null then cast(object_construct_keep_null('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {"max_tokens": 40, "temperature": 0.0}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('0c8fded635bc18100ae57e5ba0156d32' || cast(('Correct the grammar of: ' || note) as TEXT)), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('0c8fded635bc18100ae57e5ba0156d32' || cast(('Correct the grammar of: ' || note) as TEXT)), 256))) as OBJECT(response VARCHAR, "errorStatus" VARCHAR)) end as response,
       case when (concat('Correct the grammar of: ', note)) is not null then cast(object_construct_keep_null('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {"max_tokens": 40, "temperature": 0.0}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('0c8fded635bc18100ae57e5ba0156d32' || cast((concat('Correct the grammar of: ', note)) as TEXT)), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('0c8fded635bc18100ae57e5ba0156d32' || cast((concat('Correct the grammar of: ', note)) as TEXT)), 256))) as OBJECT(response VARCHAR, "errorStatus" VARCHAR)) end as by_concat
from "memory"."analytics"."databricks_trips"
where note is not null
limit 10
;

-- example_2_external_chat_model
--   -- An external chat model, asked one question.
--   select {{ dbt_ai.ai_query(ref('chat'), "'Describe Databricks SQL in 30 words.'", fail_on_error=false) }} as answer
-- An external chat model, asked one question.
select case when ('Describe Databricks SQL in 30 words.') is not null then cast(object_construct_keep_null('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('Describe Databricks SQL in 30 words.') as TEXT)), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('Describe Databricks SQL in 30 words.') as TEXT)), 256))) as OBJECT(response VARCHAR, "errorStatus" VARCHAR)) end as answer
;

-- example_3_foundation_model_over_a_table
--   -- A foundation model over ten rows of a table.
--   select pickup_zip,
--          {{ dbt_ai.ai_query(ref('chat'), "'What is the borough of this zip code? Answer with the name only: ' || pickup_zip", fail_on_error=false) }} as borough
--   from {{ ref('databricks_trips') }}
--   limit 10
-- A foundation model over ten rows of a table.
select pickup_zip,
       case when ('What is the borough of this zip code? Answer with the name only: ' || pickup_zip) is not null then cast(object_construct_keep_null('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('What is the borough of this zip code? Answer with the name only: ' || pickup_zip) as TEXT)), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('What is the borough of this zip code? Answer with the name only: ' || pickup_zip) as TEXT)), 256))) as OBJECT(response VARCHAR, "errorStatus" VARCHAR)) end as borough
from "memory"."analytics"."databricks_trips"
limit 10
;

-- example_4_function
--   -- A function of one's own replaces a column.
--   select trip_id, {{ correct_grammar('note') }} as note
--   from {{ ref('databricks_trips') }}
-- A function of one's own replaces a column.
select trip_id, case when ('Correct this to standard English: ' || note) is not null then cast(object_construct_keep_null('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('Correct this to standard English: ' || note) as TEXT)), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('Correct this to standard English: ' || note) as TEXT)), 256))) as OBJECT(response VARCHAR, "errorStatus" VARCHAR)) end as note
from "memory"."analytics"."databricks_trips"
;

-- example_5_custom_model
--   -- A custom model classifies by three named features.
--   select id, body,
--          {{ dbt_ai.ai_query(ref('spam'), dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam
--   from {{ ref('databricks_messages') }}
-- A custom model classifies by three named features.
select id, body,
       cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "spam", "location": "mock:", "api_format": "Mock", "model_type": "CUSTOM", "model": "spam", "parameters": {}}, "parameters": {}, "return_type": "BOOLEAN", "request_format": "json"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('60946096ca816fde044f3f46243f9084' || cast((('{"timestamp":' || coalesce(to_json(to_variant(ts)), 'null') || ',"sender":' || coalesce(to_json(to_variant(from_number)), 'null') || ',"text":' || coalesce(to_json(to_variant(body)), 'null') || '}')) as TEXT)), 256)) as BOOLEAN) as is_spam
from "memory"."analytics"."databricks_messages"
;

-- example_6_struct_of_every_column
--   -- A custom model takes every column of the row.
--   select units, price,
--          {{ dbt_ai.ai_query(ref('revenue'), 'struct(*)', return_type='FLOAT') }} as revenue
--   from (select units, cast(price as double) as price from {{ ref('databricks_trips') }}) as features
-- compile error: AI026: ai_query of 'struct(*)' has no native form on snowflake; name the columns with ai_struct(…)

-- example_7_chat_messages
--   -- A conversation, answered as a struct.
--   select pickup_zip,
--          {{ dbt_ai.ai_query(ref('chat'),
--               dbt_ai.ai_messages(system="'You are a taxi dispatcher.'", user="'Name candidates for a pickup in ' || pickup_zip"),
--               return_type='STRUCT<candidates:ARRAY<STRING>>', fail_on_error=false) }} as answer
--   from {{ ref('databricks_trips') }}
-- A conversation, answered as a struct.
select pickup_zip,
       case when (case when ('Name candidates for a pickup in ' || pickup_zip) is not null then ('{"messages":[{"role":"system","content":' || to_json(to_variant('You are a taxi dispatcher.')) || '}' || ',{"role":"user","content":' || to_json(to_variant('Name candidates for a pickup in ' || pickup_zip)) || '}]}') end) is not null then cast(object_construct_keep_null('response', cast(parse_json((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {}, "return_type": "STRUCT<candidates:ARRAY<STRING>>", "request_format": "json", "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('a80ec4a3ee77290993ae1cadd10ab866' || cast((case when ('Name candidates for a pickup in ' || pickup_zip) is not null then ('{"messages":[{"role":"system","content":' || to_json(to_variant('You are a taxi dispatcher.')) || '}' || ',{"role":"user","content":' || to_json(to_variant('Name candidates for a pickup in ' || pickup_zip)) || '}]}') end) as TEXT)), 256))) as OBJECT("candidates" ARRAY(VARCHAR))), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('a80ec4a3ee77290993ae1cadd10ab866' || cast((case when ('Name candidates for a pickup in ' || pickup_zip) is not null then ('{"messages":[{"role":"system","content":' || to_json(to_variant('You are a taxi dispatcher.')) || '}' || ',{"role":"user","content":' || to_json(to_variant('Name candidates for a pickup in ' || pickup_zip)) || '}]}') end) as TEXT)), 256))) as OBJECT(response OBJECT("candidates" ARRAY(VARCHAR)), "errorStatus" VARCHAR)) end as answer
from "memory"."analytics"."databricks_trips"
;

-- example_8_materialized_view
--   -- A materialized view in a pipeline; a table where the engine has none.
--   {{ config(materialized='materialized_view' if target.type == 'databricks' else 'ai_table',
--             tblproperties={'pipelines.channel': 'PREVIEW'}) }}
--   select trip_id, {{ dbt_ai.ai_query(ref('chat'), "'Summarize: ' || note", fail_on_error=false) }} as summary
--   from {{ ref('databricks_trips') }}
-- A materialized view in a pipeline; a table where the engine has none.

select trip_id, case when ('Summarize: ' || note) is not null then cast(object_construct_keep_null('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_query", "model": {"name": "chat", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "chat", "parameters": {"max_tokens": 100}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('Summarize: ' || note) as TEXT)), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('8a6e0a0a209a86b48327fc7f3bb55643' || cast(('Summarize: ' || note) as TEXT)), 256))) as OBJECT(response VARCHAR, "errorStatus" VARCHAR)) end as summary
from "memory"."analytics"."databricks_trips"
;

-- revenue
--   -- Stands for the serving endpoint 'sales-forecast' of a workspace; without DBT_AI_SERVING_URL a mock does.
--   {% set workspace = env_var('DBT_AI_SERVING_URL', '') %}
--   {{ dbt_ai.create_external_model(
--        location   = workspace ~ '/serving-endpoints/revenue/invocations' if workspace else 'mock:',
--        api_format = 'Databricks' if workspace else 'Mock',
--        model_type = 'CUSTOM', model = 'revenue', parameters = {},
--        native     = {'databricks': 'sales-forecast'}) }}
-- Stands for the serving endpoint 'sales-forecast' of a workspace; without DBT_AI_SERVING_URL a mock does.

select
  'revenue' as name,
  'mock:' as location,
  'Mock' as api_format,
  'CUSTOM' as model_type,
  'revenue' as model,
  cast(null as TEXT) as credential,
  cast(null as TEXT) as identity,
  '{}' as parameters
;

-- spam
--   -- Stands for the serving endpoint 'spam-classification' of a workspace; without DBT_AI_SERVING_URL a mock does.
--   {% set workspace = env_var('DBT_AI_SERVING_URL', '') %}
--   {{ dbt_ai.create_external_model(
--        location   = workspace ~ '/serving-endpoints/spam/invocations' if workspace else 'mock:',
--        api_format = 'Databricks' if workspace else 'Mock',
--        model_type = 'CUSTOM', model = 'spam', parameters = {},
--        native     = {'databricks': 'spam-classification'}) }}
-- Stands for the serving endpoint 'spam-classification' of a workspace; without DBT_AI_SERVING_URL a mock does.

select
  'spam' as name,
  'mock:' as location,
  'Mock' as api_format,
  'CUSTOM' as model_type,
  'spam' as model,
  cast(null as TEXT) as credential,
  cast(null as TEXT) as identity,
  '{}' as parameters
;
