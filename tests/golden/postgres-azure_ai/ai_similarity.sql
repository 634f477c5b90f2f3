-- ai_similarity on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast((1 - nullif(cast(case when (body) is not null then cast(azure_openai.create_embeddings('text-embedding-3-small', body, dimensions => 512) as vector) end as vector) <=> cast(case when ('refund') is not null then cast(azure_openai.create_embeddings('text-embedding-3-small', 'refund', dimensions => 512) as vector) end as vector), 'NaN')) as float) as answer from "memory"."analytics"."tickets"
;
