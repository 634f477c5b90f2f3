-- ai_similarity on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast(nullif(VECTOR_COSINE_SIMILARITY(AI_EMBED('snowflake-arctic-embed-l-v2.0', body), AI_EMBED('snowflake-arctic-embed-l-v2.0', 'refund')), 'NaN'::FLOAT) as float) as answer from "memory"."analytics"."tickets"
;
