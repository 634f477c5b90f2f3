-- ai_cosine_similarity on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- ai_cosine_similarity
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_similarity('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (1 - nullif(cosine_distance(a.embedding, b.embedding), 'NaN'::float)) as score
from analytics.articles as a
cross join analytics.articles as b
;
