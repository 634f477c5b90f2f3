-- ai_inner_product on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- ai_inner_product
--   select a.article_id, b.article_id as other_id, {{ dbt_ai.ai_inner_product('a.embedding', 'b.embedding') }} as score
--   from {{ ref('articles') }} as a
--   cross join {{ ref('articles') }} as b
select a.article_id, b.article_id as other_id, (select if(v.a is null or v.b is null, null, (select sum(x * v.b[offset(i)]) from unnest(v.a) as x with offset as i))
    from (select a.embedding as a, b.embedding as b) as v) as score
from `memory`.`analytics`.`articles` as a
cross join `memory`.`analytics`.`articles` as b
;
