-- ai_embed on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then jsonb_build_object('response', (select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('4696553b9725cb5ac237b691351e8647' || case when pg_typeof((body)) not in (cast('text' as regtype), cast('varchar' as regtype)) and json_typeof(json_build_array((body)) -> 0) in ('object', 'array') then cast(json_build_array((body)) -> 0 as text) else cast((body) as TEXT) end), 'UTF8'))), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from "memory"."dbt_ai"."failures") as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha256(convert_to(('4696553b9725cb5ac237b691351e8647' || case when pg_typeof((body)) not in (cast('text' as regtype), cast('varchar' as regtype)) and json_typeof(json_build_array((body)) -> 0) in ('object', 'array') then cast(json_build_array((body)) -> 0 as text) else cast((body) as TEXT) end), 'UTF8')))) end as embedding from "memory"."analytics"."tickets"
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('4696553b9725cb5ac237b691351e8647' || case when pg_typeof((body)) not in (cast('text' as regtype), cast('varchar' as regtype)) and json_typeof(json_build_array((body)) -> 0) in ('object', 'array') then cast(json_build_array((body)) -> 0 as text) else cast((body) as TEXT) end), 'UTF8'))) as vector(512)) as embedding from "memory"."analytics"."tickets"
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('4696553b9725cb5ac237b691351e8647' || case when pg_typeof(((cast(queue as TEXT) || ': ' || cast(body as TEXT)))) not in (cast('text' as regtype), cast('varchar' as regtype)) and json_typeof(json_build_array(((cast(queue as TEXT) || ': ' || cast(body as TEXT)))) -> 0) in ('object', 'array') then cast(json_build_array(((cast(queue as TEXT) || ': ' || cast(body as TEXT)))) -> 0 as text) else cast(((cast(queue as TEXT) || ': ' || cast(body as TEXT))) as TEXT) end), 'UTF8'))) as vector(512)) as embedding from "memory"."analytics"."tickets"
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {"dimensions": 256}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('e5671dfe80e1470293ba949594d2ac8b' || case when pg_typeof((body)) not in (cast('text' as regtype), cast('varchar' as regtype)) and json_typeof(json_build_array((body)) -> 0) in ('object', 'array') then cast(json_build_array((body)) -> 0 as text) else cast((body) as TEXT) end), 'UTF8'))) as vector(256)) as embedding from "memory"."analytics"."tickets"
;
