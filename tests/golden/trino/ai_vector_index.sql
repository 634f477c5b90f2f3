-- ai_vector_index on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- index_of_vectors
--   {{ config(vector_index={'column': 'embedding'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI034: vector_index has no native form on trino; dbt_ai makes vector indexes on DuckDB with the plugin, on Postgres, BigQuery and SQL Server: leave vector_index out here; where ai_search works it compares every row

-- index_with_options
--   {{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI034: vector_index has no native form on trino; dbt_ai makes vector indexes on DuckDB with the plugin, on Postgres, BigQuery and SQL Server: leave vector_index out here; where ai_search works it compares every row
