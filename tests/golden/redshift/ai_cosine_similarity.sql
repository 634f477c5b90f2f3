-- ai_cosine_similarity on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- ai_cosine_similarity
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_similarity('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
-- compile error: AI018: ai_cosine_distance has no native form on redshift; Redshift has no vector type: compare vectors on DuckDB or Postgres
