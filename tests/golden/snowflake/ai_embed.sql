-- ai_embed on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, AI_EMBED('embeddinggemma-300m', body) as embedding from "memory"."analytics"."tickets"
;

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI008: ai_embed with parameters has no native form on snowflake; AI_EMBED takes none: choose a model of the length you want with native

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI008: ai_embed with fail_on_error=false has no native form on snowflake; AI_EMBED cannot return its errors: leave fail_on_error out and keep rows it cannot embed from it with a where

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, AI_EMBED('snowflake-arctic-embed-l-v2.0', body) as embedding from "memory"."analytics"."tickets"
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, AI_EMBED('snowflake-arctic-embed-l-v2.0', (cast(queue as TEXT) || ': ' || cast(body as TEXT))) as embedding from "memory"."analytics"."tickets"
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI008: ai_embed with parameters has no native form on snowflake; AI_EMBED takes none: choose a model of the length you want with native
