-- ai_similarity on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_embed has no native form on fabric; Fabric Warehouse has neither embeddings nor a vector type: use a SQL database in Fabric (dbt-sqlserver), or DuckDB
