-- ai_translate on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- translate
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'de') }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_translate has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- translate_to_a_name
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'German') }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_translate has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own
