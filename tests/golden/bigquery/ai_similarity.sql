-- ai_similarity on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast((1 - (select if(0 in ((select sum(x * x) from unnest(v.a) as x), (select sum(x * x) from unnest(v.b) as x)), null, COSINE_DISTANCE(v.a, v.b))
    from (select case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED(body, endpoint => 'text-embedding-005') as answer)) end as a, case when ('refund') is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED('refund', endpoint => 'text-embedding-005') as answer)) end as b) as v)) as float) as answer from `memory`.`analytics`.`tickets`
;
