-- ai_field on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- a_field
--   select ticket_id, {{ dbt_ai.ai_field('answer', 'response.urgency', 'INT') }} as urgency, {{ dbt_ai.ai_field('answer', 'errorStatus') }} as error
--   from {{ ref('answers') }}
-- compile error: AI016: ai_field has no native form on sqlserver; there are no answers on SQL Server: run ai_query on DuckDB and load its table
