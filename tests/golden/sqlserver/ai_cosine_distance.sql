-- ai_cosine_distance on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- ai_cosine_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (select case when VECTOR_NORM(v.a, 'norm2') > 0 and VECTOR_NORM(v.b, 'norm2') > 0 then VECTOR_DISTANCE('cosine', v.a, v.b) end
    from (select a.embedding as a, b.embedding as b) as v) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
