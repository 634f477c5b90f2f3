-- ai_embed on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select as struct if(coalesce(answer.status, '') = '', answer.result, null) as response, nullif(answer.status, '') as errorStatus from (select AI.EMBED(body, endpoint => 'text-embedding-005') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED(body, endpoint => 'text-embedding-005') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED(body, endpoint => 'text-embedding-005', model_params => JSON '{"outputDimensionality": 256}') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;
