-- ai_embed on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: external model 'embeddinggemma-300m' is not in "memory"."dbt_ai".external_models for schema 'analytics'; create it first, or use one of: none

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: external model 'embeddinggemma-300m' is not in "memory"."dbt_ai".external_models for schema 'analytics'; create it first, or use one of: none

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_try_embed_512('{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "dimensions": 512}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.embedding_or_its_error')) as STRUCT(response FLOAT[512], "errorStatus" VARCHAR)) as embedding from "memory"."analytics"."tickets"
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_embed_512('{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "dimensions": 512}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.plain_embedding')) as FLOAT[512]) as embedding from "memory"."analytics"."tickets"
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_embed_512('{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "dimensions": 512}', case when regexp_matches(typeof((cast(queue as TEXT) || ': ' || cast(body as TEXT))), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json(((cast(queue as TEXT) || ': ' || cast(body as TEXT)))) as varchar) else cast(((cast(queue as TEXT) || ': ' || cast(body as TEXT))) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.several_columns')) as FLOAT[512]) as embedding from "memory"."analytics"."tickets"
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, cast(dbt_ai_embed_256('{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {"dimensions": 256}, "dimensions": 256}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.shorter_embedding')) as FLOAT[256]) as embedding from "memory"."analytics"."tickets"
;
