-- ai_similarity on fabric-runtime. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_cosine_distance has no native form on fabric; Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB
