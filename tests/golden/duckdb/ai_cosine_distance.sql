-- ai_cosine_distance on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- ai_cosine_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_cosine_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (1 - nullif(list_cosine_similarity(cast(a.embedding as float[])[:], cast(b.embedding as float[])[:]), 'nan'::float)) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
