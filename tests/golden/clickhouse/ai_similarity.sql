-- ai_similarity on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own
