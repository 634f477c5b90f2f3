-- ai_filter on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- filter_rows
--   select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund') }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_filter has no native form on fabric; AI_GENERATE_RESPONSE takes a prompt and promises no type: run this model on DuckDB
