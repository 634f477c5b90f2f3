-- ai_query on postgres-alloydb. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_conversation
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'You label tickets.'")) }} as answer from {{ ref('tickets') }}
select case when (('You label tickets.' || '

User: ' || body)) is not null then ai.generate(model_id => 'gpt-4o-mini', prompt => ('You label tickets.' || '

User: ' || body)) end as answer from "memory"."analytics"."tickets"
;

-- a_custom_model_of_every_column
--   select {{ dbt_ai.ai_query('weekly-forecast', 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('tickets') }}
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the alloydb extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- a_custom_model_of_features
--   select text, {{ dbt_ai.ai_query('spam-classification', dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam from {{ ref('tickets') }}
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the alloydb extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- a_date
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<due DATE>') }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the alloydb extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- a_json_schema
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', response_format='{"type": "object", "properties": {"label": {"type": "string", "maxLength": 20}}}') }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the alloydb extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- a_list_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>', fail_on_error=false) }} as tags from {{ ref('tickets') }}
-- compile error: AI026: ai_query with fail_on_error=false has no native form on postgres; the alloydb extension raises its errors: leave it out, or run this model on DuckDB

-- a_model_without_a_native_name
--   select ticket_id, {{ dbt_ai.ai_query(ref('unnamed'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then ai.generate(model_id => 'gpt-4o-mini', prompt => body) end as answer from "memory"."analytics"."tickets"
;

-- a_number
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DOUBLE') }} as urgency from {{ ref('tickets') }}
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the alloydb extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- a_prompt
--   select {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_prompt("It's about {0}: {1}", 'queue', 'body')) }} as answer from {{ ref('tickets') }}
select case when (('It''s about ' || cast(queue as TEXT) || ': ' || cast(body as TEXT))) is not null then ai.generate(model_id => 'gpt-4o-mini', prompt => ('It''s about ' || cast(queue as TEXT) || ': ' || cast(body as TEXT))) end as answer from "memory"."analytics"."tickets"
;

-- a_struct
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with return_type or response_format has no native form on postgres; the alloydb extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB

-- a_struct_or_its_error
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label: STRING, urgency: INT>', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with fail_on_error=false has no native form on postgres; the alloydb extension raises its errors: leave it out, or run this model on DuckDB

-- an_endpoint_of_the_warehouse
--   select {{ dbt_ai.ai_query('gemini-2.5-flash', "'Describe SQL in 30 words.'") }} as answer
select case when ('Describe SQL in 30 words.') is not null then ai.generate(model_id => 'gemini-2.5-flash', prompt => 'Describe SQL in 30 words.') end as answer
;

-- errors_are_data
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with fail_on_error=false has no native form on postgres; the alloydb extension raises its errors: leave it out, or run this model on DuckDB

-- parameters
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with model_parameters has no native form on postgres; the alloydb extension takes none: set them on the deployment, or run this model on DuckDB

-- plain
--   select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Label this ticket: ' || body") }} as answer from {{ ref('tickets') }}
select ticket_id, case when ('Label this ticket: ' || body) is not null then ai.generate(model_id => 'gpt-4o-mini', prompt => 'Label this ticket: ' || body) end as answer from "memory"."analytics"."tickets"
;
