-- ai_cosine_similarity on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- ai_cosine_similarity
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_similarity('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (1 - nullif(cast(a.embedding as vector) <=> cast(b.embedding as vector), 'NaN')) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
