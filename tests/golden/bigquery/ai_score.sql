-- ai_score on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- score_rows
--   select ticket_id, {{ dbt_ai.ai_score(ref('llm'), 'body', 'how urgent the ticket is', fail_on_error=true) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then least(greatest(AI.SCORE('Score this text by how urgent the ticket is. Give a number from 1 to 5.\nText: ' || (body), endpoint => 'gemini-2.5-flash', max_error_ratio => 0.0), 1), 5) end as answer from `memory`.`analytics`.`tickets`
;

-- score_with_errors
--   select ticket_id, {{ dbt_ai.ai_score(ref('llm'), 'body', "how urgent it's", low=0, high=100, fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then (select as struct score as response, if(score is null, 'AI.SCORE gave no answer', null) as errorStatus from (select least(greatest(AI.SCORE('Score this text by how urgent it\'s. Give a number from 0 to 100.\nText: ' || (body), endpoint => 'gemini-2.5-flash'), 0), 100) as score)) end as answer from `memory`.`analytics`.`tickets`
;
