-- ai_gen on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_THROW_IF_ERROR(AI_COMPLETE(model => 'claude-sonnet-4-6', prompt => body, model_parameters => {'max_tokens': 256}, return_error_details => TRUE))::VARCHAR end as answer from "memory"."analytics"."tickets"
;
