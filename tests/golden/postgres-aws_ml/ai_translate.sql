-- ai_translate on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- translate
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'de') }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with model 'gpt-4o-mini' has no native form on postgres; aws_bedrock.invoke_model takes the body of its maker and dbt_ai writes that of anthropic.… models: name one with native, or run this model on DuckDB

-- translate_to_a_name
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'German') }} as answer from {{ ref('tickets') }}
-- compile error: AI026: ai_query with model 'gpt-4o-mini' has no native form on postgres; aws_bedrock.invoke_model takes the body of its maker and dbt_ai writes that of anthropic.… models: name one with native, or run this model on DuckDB
