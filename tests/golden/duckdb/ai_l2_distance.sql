-- ai_l2_distance on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- ai_l2_distance
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_l2_distance('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, list_distance(cast(a.embedding as float[])[:], cast(b.embedding as float[])[:]) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
