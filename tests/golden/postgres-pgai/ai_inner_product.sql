-- ai_inner_product on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- ai_inner_product
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_inner_product('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, inner_product(cast(a.embedding as vector), cast(b.embedding as vector)) as score
from "memory"."analytics"."articles" as a
cross join "memory"."analytics"."articles" as b
;
