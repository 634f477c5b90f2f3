-- ai_translate on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- translate
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'de') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_TRANSLATE(body, N'de' ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;

-- translate_to_a_name
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'German') }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_translate to 'German' has no native form on fabric; AI_TRANSLATE takes the codes de, en, fr, it, es, el, pl, sv, fi, cs: use one of them, or run this model on DuckDB
