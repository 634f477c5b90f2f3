-- ai_l2_distance on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- ai_l2_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_l2_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
-- compile error: AI017: ai_l2_distance has no native form on fabric; Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB
