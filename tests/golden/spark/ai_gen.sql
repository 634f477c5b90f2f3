-- ai_gen on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, ai_query(endpoint => 'llm', request => case when (body) is not null and typeof(body) rlike '^(struct|array|map)<' then substring(to_json(array((body)), map('ignoreNullFields', 'false')), 2, length(to_json(array((body)), map('ignoreNullFields', 'false'))) - 2) else cast((body) as string) end, call => '{"function": "ai_gen"}').response as answer from `analytics`.`tickets`
;
