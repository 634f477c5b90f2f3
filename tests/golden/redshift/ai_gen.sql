-- ai_gen on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- gen
--   select ticket_id, {{ dbt_ai.ai_gen(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, llm(body, object('maxtokens', 256)) as answer from "memory"."analytics"."tickets"
;
