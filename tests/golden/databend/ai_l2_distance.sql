-- ai_l2_distance on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- ai_l2_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_l2_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, l2_distance(a.embedding, b.embedding) as score
from analytics.articles as a
cross join analytics.articles as b
;
