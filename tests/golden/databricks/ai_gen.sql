-- ai_gen on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then ai_query('databricks-meta-llama-3-3-70b-instruct', body, modelParameters => named_struct('max_tokens', 256)) end as answer from `memory`.`analytics`.`tickets`
;
