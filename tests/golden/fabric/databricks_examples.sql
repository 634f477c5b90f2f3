-- databricks_examples on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

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
  N'chat' as "name",
  N'mock:' as "location",
  N'Mock' as "api_format",
  N'CHAT' as "model_type",
  N'chat' as "model",
  cast(null as varchar(8000)) as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{"max_tokens": 100}' as "parameters"
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
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- example_2_external_chat_model
--   -- An external chat model, asked one question.
--   select {{ dbt_ai.ai_query(ref('chat'), "'Describe Databricks SQL in 30 words.'", fail_on_error=false) }} as answer
-- compile error: AI017: ai_query with fail_on_error=false has no native form on fabric; AI_GENERATE_RESPONSE names no error: leave it out, write AI_GENERATE_RESPONSE(… NULL ON ERROR) in SQL of your own, or run this model on DuckDB

-- example_3_foundation_model_over_a_table
--   -- A foundation model over ten rows of a table.
--   select pickup_zip,
--          {{ dbt_ai.ai_query(ref('chat'), "'What is the borough of this zip code? Answer with the name only: ' || pickup_zip", fail_on_error=false) }} as borough
--   from {{ ref('databricks_trips') }}
--   limit 10
-- compile error: AI017: ai_query with fail_on_error=false has no native form on fabric; AI_GENERATE_RESPONSE names no error: leave it out, write AI_GENERATE_RESPONSE(… NULL ON ERROR) in SQL of your own, or run this model on DuckDB

-- example_4_function
--   -- A function of one's own replaces a column.
--   select trip_id, {{ correct_grammar('note') }} as note
--   from {{ ref('databricks_trips') }}
-- compile error: AI017: ai_query with fail_on_error=false has no native form on fabric; AI_GENERATE_RESPONSE names no error: leave it out, write AI_GENERATE_RESPONSE(… NULL ON ERROR) in SQL of your own, or run this model on DuckDB

-- example_5_custom_model
--   -- A custom model classifies by three named features.
--   select id, body,
--          {{ dbt_ai.ai_query(ref('spam'), dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam
--   from {{ ref('databricks_messages') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- example_6_struct_of_every_column
--   -- A custom model takes every column of the row.
--   select units, price,
--          {{ dbt_ai.ai_query(ref('revenue'), 'struct(*)', return_type='FLOAT') }} as revenue
--   from (select units, cast(price as double) as price from {{ ref('databricks_trips') }}) as features
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- example_7_chat_messages
--   -- A conversation, answered as a struct.
--   select pickup_zip,
--          {{ dbt_ai.ai_query(ref('chat'),
--               dbt_ai.ai_messages(system="'You are a taxi dispatcher.'", user="'Name candidates for a pickup in ' || pickup_zip"),
--               return_type='STRUCT<candidates:ARRAY<STRING>>', fail_on_error=false) }} as answer
--   from {{ ref('databricks_trips') }}
-- compile error: AI017: ai_query with return_type, response_format or model_parameters has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB

-- example_8_materialized_view
--   -- A materialized view in a pipeline; a table where the engine has none.
--   {{ config(materialized='materialized_view' if target.type == 'databricks' else 'ai_table',
--             tblproperties={'pipelines.channel': 'PREVIEW'}) }}
--   select trip_id, {{ dbt_ai.ai_query(ref('chat'), "'Summarize: ' || note", fail_on_error=false) }} as summary
--   from {{ ref('databricks_trips') }}
-- compile error: AI017: ai_query with fail_on_error=false has no native form on fabric; AI_GENERATE_RESPONSE names no error: leave it out, write AI_GENERATE_RESPONSE(… NULL ON ERROR) in SQL of your own, or run this model on DuckDB

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
  N'revenue' as "name",
  N'mock:' as "location",
  N'Mock' as "api_format",
  N'CUSTOM' as "model_type",
  N'revenue' as "model",
  cast(null as varchar(8000)) as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{}' as "parameters"
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
  N'spam' as "name",
  N'mock:' as "location",
  N'Mock' as "api_format",
  N'CUSTOM' as "model_type",
  N'spam' as "model",
  cast(null as varchar(8000)) as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{}' as "parameters"
;
