-- ai_translate on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- translate
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'de') }} as answer from {{ ref('tickets') }}
-- compile error: AI016: ai_translate has no native form on sqlserver; its external models embed only, and sp_invoke_external_rest_endpoint is a procedure, which no select can call: run this model on DuckDB and load its table

-- translate_to_a_name
--   select ticket_id, {{ dbt_ai.ai_translate(ref('llm'), 'body', 'German') }} as answer from {{ ref('tickets') }}
-- compile error: AI016: ai_translate has no native form on sqlserver; its external models embed only, and sp_invoke_external_rest_endpoint is a procedure, which no select can call: run this model on DuckDB and load its table
