-- ai_rank on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- rank_by_a_chat_model
--   select ticket_id, {{ dbt_ai.ai_rank(ref('llm'), "'refunds'", 'body', fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_rank has no native form on redshift; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- rank_by_a_reranker
--   select ticket_id, {{ dbt_ai.ai_rank(ref('reranker'), 'queue', 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_rank", "model": {"name": "reranker", "location": "https://api.cohere.com/v2/rerank", "api_format": "Cohere", "model_type": "RERANKING", "model": "rerank-v4.0", "credential": "https://api.cohere.com", "parameters": {}}, "parameters": {}, "return_type": "DOUBLE"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha2(('5e7f6af34a9062342825a042c0bf5e4f' || cast((case when (queue) is not null and (body) is not null then ('{"query":' || coalesce(substring(json_serialize(object('v', queue)), 6, len(json_serialize(object('v', queue))) - 6), 'null') || ',"text":' || coalesce(substring(json_serialize(object('v', body)), 6, len(json_serialize(object('v', body))) - 6), 'null') || '}') end) as TEXT)), 256)) as double precision) as answer from "memory"."analytics"."tickets"
;
