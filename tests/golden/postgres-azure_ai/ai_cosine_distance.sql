-- ai_cosine_distance on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- ai_cosine_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, nullif(cast(a.embedding as vector) <=> cast(b.embedding as vector), 'NaN') as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
