-- ai_analyze_sentiment on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- analyze_sentiment
--   select ticket_id, {{ dbt_ai.ai_analyze_sentiment(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_ANALYZE_SENTIMENT(body ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;
