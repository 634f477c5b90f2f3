-- ai_cosine_distance on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- ai_cosine_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (select if(0 in ((select sum(x * x) from unnest(v.a) as x), (select sum(x * x) from unnest(v.b) as x)), null, COSINE_DISTANCE(v.a, v.b))
    from (select a.embedding as a, b.embedding as b) as v) as score
from `memory`.`analytics`.`articles` as a
cross join `memory`.`analytics`.`articles` as b
;
