-- ai_embed on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own
