-- ai_embed on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then CAST(ai_query('embeddinggemma-300m', body) AS ARRAY<FLOAT>) end as embedding from `memory`.`analytics`.`tickets`
;

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then CAST(ai_query('embeddinggemma-300m', body, modelParameters => named_struct('dimensions', 256)) AS ARRAY<FLOAT>) end as embedding from `memory`.`analytics`.`tickets`
;

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then CAST(ai_query('databricks-gte-large-en', body, failOnError => false) AS STRUCT<response: ARRAY<FLOAT>, errorStatus: STRING>) end as embedding from `memory`.`analytics`.`tickets`
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then CAST(ai_query('databricks-gte-large-en', body) AS ARRAY<FLOAT>) end as embedding from `memory`.`analytics`.`tickets`
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when ((cast(queue as string) || ': ' || cast(body as string))) is not null then CAST(ai_query('databricks-gte-large-en', (cast(queue as string) || ': ' || cast(body as string))) AS ARRAY<FLOAT>) end as embedding from `memory`.`analytics`.`tickets`
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then CAST(ai_query('databricks-gte-large-en', body, modelParameters => named_struct('dimensions', 256)) AS ARRAY<FLOAT>) end as embedding from `memory`.`analytics`.`tickets`
;
