-- ai_embed on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI025: ai_embed with a model given as a string has no native form on sqlserver; a model is an object there: give ref('…') of an external model

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI025: ai_embed with a model given as a string has no native form on sqlserver; a model is an object there: give ref('…') of an external model

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI026: ai_embed with fail_on_error=false has no native form on sqlserver; AI_GENERATE_EMBEDDINGS cannot return its errors: leave it out, or run this model on DuckDB

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, CAST(AI_GENERATE_EMBEDDINGS(body USE MODEL [embedder]) AS VECTOR(512)) as embedding from "memory"."analytics"."tickets"
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, CAST(AI_GENERATE_EMBEDDINGS((cast(queue as nvarchar(max)) + N': ' + cast(body as nvarchar(max))) USE MODEL [embedder]) AS VECTOR(512)) as embedding from "memory"."analytics"."tickets"
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, CAST(AI_GENERATE_EMBEDDINGS(body USE MODEL [embedder] PARAMETERS CAST(N'{"dimensions": 256}' AS JSON)) AS VECTOR(256)) as embedding from "memory"."analytics"."tickets"
;
