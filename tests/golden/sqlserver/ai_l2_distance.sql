-- ai_l2_distance on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- ai_l2_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_l2_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, VECTOR_DISTANCE('euclidean', a.embedding, b.embedding) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
