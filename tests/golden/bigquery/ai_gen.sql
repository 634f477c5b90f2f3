-- ai_gen on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.GENERATE(body, endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}') as answer)) end as answer from `memory`.`analytics`.`tickets`
;
