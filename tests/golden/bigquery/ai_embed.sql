-- ai_embed on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED(body, model => 'embeddinggemma-300m') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI002: ai_embed with model 'embeddinggemma-300m' and parameters has no native form on bigquery; BigQuery's built-in model takes none: leave them out, or name another model with native

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select as struct if(coalesce(answer.status, '') = '', answer.result, null) as response, nullif(answer.status, '') as errorStatus from (select AI.EMBED(body, endpoint => 'text-embedding-005') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED(body, endpoint => 'text-embedding-005') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when ((cast(queue as string) || ': ' || cast(body as string))) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED((cast(queue as string) || ': ' || cast(body as string)), endpoint => 'text-embedding-005') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED(body, endpoint => 'text-embedding-005', model_params => JSON '{"outputDimensionality": 256}') as answer)) end as embedding from `memory`.`analytics`.`tickets`
;
