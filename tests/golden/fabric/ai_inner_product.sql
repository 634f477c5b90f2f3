-- ai_inner_product on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- ai_inner_product
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_inner_product('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
-- compile error: AI017: ai_inner_product has no native form on fabric; Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB
