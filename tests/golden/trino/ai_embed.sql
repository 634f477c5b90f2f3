-- ai_embed on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI022: ai_embed has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI022: ai_embed has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI022: ai_embed has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI022: ai_embed has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
-- compile error: AI022: ai_embed has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI022: ai_embed has no native form on trino; its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own
