-- ai_classify on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
-- compile error: AI022: ai_classify has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI022: ai_classify has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own
