-- ai_similarity on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast(vector_cosine_similarity(cast(ai_embed(model => 'embedder', text => case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end).response as array<float>), cast(ai_embed(model => 'embedder', text => case when ('refund') is not null and typeof('refund') rlike '^(struct|array|map)<' then substring(to_json(array(('refund')), map('ignoreNullFields', 'false')), 2, length(to_json(array(('refund')), map('ignoreNullFields', 'false'))) - 2) else cast(('refund') as string) end).response as array<float>)) as float) as answer from `analytics`.`tickets`
;
