-- ai_query on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_query has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own
