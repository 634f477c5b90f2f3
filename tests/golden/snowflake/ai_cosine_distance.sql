-- ai_cosine_distance on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- ai_cosine_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (1 - nullif(VECTOR_COSINE_SIMILARITY(a.embedding, b.embedding), 'NaN'::FLOAT)) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
