-- ai_classify on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_classify has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_classify has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own
