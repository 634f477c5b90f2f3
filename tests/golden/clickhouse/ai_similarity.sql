-- ai_similarity on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
-- compile error: AI001: ai_cosine_distance has no native form on clickhouse; compare vectors on DuckDB, Spark, Databend, Postgres or a warehouse with a vector type
