-- ai_embed on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI023: ai_embed has no native form on clickhouse; its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then cast(tuple((select any(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = lower(hex(SHA256(('4696553b9725cb5ac237b691351e8647' || case when match(toTypeName(body), '^(Tuple|Array|Map)[(]') then toJSONString((body)) else cast((body) as Nullable(String)) end))))), (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from `dbt_ai`.`failures`) as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = lower(hex(SHA256(('4696553b9725cb5ac237b691351e8647' || case when match(toTypeName(body), '^(Tuple|Array|Map)[(]') then toJSONString((body)) else cast((body) as Nullable(String)) end)))))), 'Tuple(response Array(Nullable(Float32)), errorStatus Nullable(String))') end as embedding from `analytics`.`tickets`
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, (select any(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = lower(hex(SHA256(('4696553b9725cb5ac237b691351e8647' || case when match(toTypeName(body), '^(Tuple|Array|Map)[(]') then toJSONString((body)) else cast((body) as Nullable(String)) end))))) as embedding from `analytics`.`tickets`
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, (select any(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = lower(hex(SHA256(('4696553b9725cb5ac237b691351e8647' || case when match(toTypeName((cast(queue as Nullable(String)) || ': ' || cast(body as Nullable(String)))), '^(Tuple|Array|Map)[(]') then toJSONString(((cast(queue as Nullable(String)) || ': ' || cast(body as Nullable(String))))) else cast(((cast(queue as Nullable(String)) || ': ' || cast(body as Nullable(String)))) as Nullable(String)) end))))) as embedding from `analytics`.`tickets`
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, (select any(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {"dimensions": 256}}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = lower(hex(SHA256(('e5671dfe80e1470293ba949594d2ac8b' || case when match(toTypeName(body), '^(Tuple|Array|Map)[(]') then toJSONString((body)) else cast((body) as Nullable(String)) end))))) as embedding from `analytics`.`tickets`
;
