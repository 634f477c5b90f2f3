-- ai_embed on postgres-alloydb. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then cast(google_ml.embedding(model_id => 'embeddinggemma-300m', content => body) as vector) end as embedding from "memory"."analytics"."tickets"
;

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI026: ai_embed with parameters (dimensions) has no native form on postgres; the alloydb extension takes none: leave them out, or run this model on DuckDB

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI026: ai_embed with fail_on_error=false has no native form on postgres; the alloydb extension raises its errors: leave it out, or run this model on DuckDB

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then cast(google_ml.embedding(model_id => 'text-embedding-3-small', content => body) as vector) end as embedding from "memory"."analytics"."tickets"
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, case when ((cast(queue as TEXT) || ': ' || cast(body as TEXT))) is not null then cast(google_ml.embedding(model_id => 'text-embedding-3-small', content => (cast(queue as TEXT) || ': ' || cast(body as TEXT))) as vector) end as embedding from "memory"."analytics"."tickets"
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI026: ai_embed with parameters (dimensions) has no native form on postgres; the alloydb extension takes none: leave them out, or run this model on DuckDB
