-- ai_embed on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB
