-- ai_inner_product on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- ai_inner_product
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_inner_product('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
-- compile error: AI018: ai_inner_product has no native form on redshift; Redshift has no vector type: compare vectors on DuckDB or Postgres
