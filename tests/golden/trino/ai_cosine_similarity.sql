-- ai_cosine_similarity on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- ai_cosine_similarity
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_similarity('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
-- compile error: AI001: ai_cosine_distance has no native form on trino; compare vectors on DuckDB, Spark, Databend, Postgres or a warehouse with a vector type
