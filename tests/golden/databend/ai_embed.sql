-- ai_embed on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: ai_embed: 'embeddinggemma-300m' is a string, which names an endpoint of the warehouse itself, and databend has none; give ref('…') of an external model

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: ai_embed: 'embeddinggemma-300m' is a string, which names an endpoint of the warehouse itself, and databend has none; give ref('…') of an external model

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
select ticket_id, embedder__call('{"fail_on_error": false}', body) as embedding from analytics.tickets
;

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
select ticket_id, embedder(body) as embedding from analytics.tickets
;

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
select ticket_id, embedder((cast(queue as string) || ': ' || cast(body as string))) as embedding from analytics.tickets
;

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
select ticket_id, cast(embedder__call('{"parameters": {"dimensions": 256}}', body) as array(float)) as embedding from analytics.tickets
;
