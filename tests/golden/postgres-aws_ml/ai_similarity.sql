-- ai_similarity on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast((1 - nullif(cast(case when (body) is not null then cast(aws_bedrock.invoke_model_get_embeddings(model_id := 'text-embedding-3-small', content_type := 'application/json', json_key := 'embedding', model_input := cast(jsonb_build_object('dimensions', cast('512' as jsonb), 'inputText', body) as text)) as vector) end as vector) <=> cast(case when ('refund') is not null then cast(aws_bedrock.invoke_model_get_embeddings(model_id := 'text-embedding-3-small', content_type := 'application/json', json_key := 'embedding', model_input := cast(jsonb_build_object('dimensions', cast('512' as jsonb), 'inputText', 'refund') as text)) as vector) end as vector), 'NaN')) as float) as answer from "memory"."analytics"."tickets"
;
