-- ai_classify on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
-- compile error: AI016: ai_classify has no native form on sqlserver; its external models embed only, and sp_invoke_external_rest_endpoint is a procedure, which no select can call: run this model on DuckDB and load its table

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI016: ai_classify has no native form on sqlserver; its external models embed only, and sp_invoke_external_rest_endpoint is a procedure, which no select can call: run this model on DuckDB and load its table
