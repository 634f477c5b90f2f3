-- ai_similarity on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast(vector_cosine_similarity(cast(ai_embed(model => 'embedder', text => body).response as array<float>), cast(ai_embed(model => 'embedder', text => 'refund').response as array<float>)) as float) as answer from `analytics`.`tickets`
;
