-- ai_similarity on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast(vector_cosine_similarity(cast(case when (body) is not null then CAST(ai_query('databricks-gte-large-en', body) AS ARRAY<FLOAT>) end as array<float>), cast(case when ('refund') is not null then CAST(ai_query('databricks-gte-large-en', 'refund') AS ARRAY<FLOAT>) end as array<float>)) as float) as answer from `memory`.`analytics`.`tickets`
;
