-- ai_embed on spark-runtime. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: expected string or bytes-like object, got 'Undefined'

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: expected string or bytes-like object, got 'Undefined'

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then named_struct('response', (select any_value(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "fail_on_error": false}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('4696553b9725cb5ac237b691351e8647' || case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end), 256)), 'errorStatus', (select max(dbt_ai_failure.dbt_ai_message) from (select key as dbt_ai_key, message as dbt_ai_message from `dbt_ai`.`failures`) as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = sha2(('4696553b9725cb5ac237b691351e8647' || case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end), 256))) end as embedding from `analytics`.`tickets`
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, (select any_value(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('4696553b9725cb5ac237b691351e8647' || case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end), 256)) as embedding from `analytics`.`tickets`
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, (select any_value(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('4696553b9725cb5ac237b691351e8647' || case when ((cast(queue as string) || ': ' || cast(body as string))) is not null and typeof((cast(queue as string) || ': ' || cast(body as string))) rlike '^(struct|array|map)<' then substring(to_json(array(((cast(queue as string) || ': ' || cast(body as string)))), map('ignoreNullFields', 'false')), 2, length(to_json(array(((cast(queue as string) || ': ' || cast(body as string)))), map('ignoreNullFields', 'false'))) - 2) else cast(((cast(queue as string) || ': ' || cast(body as string))) as string) end), 256)) as embedding from `analytics`.`tickets`
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, (select any_value(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {"dimensions": 256}}' as dbt_ai_call from `dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('e5671dfe80e1470293ba949594d2ac8b' || case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end), 256)) as embedding from `analytics`.`tickets`
;
