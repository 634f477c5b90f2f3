-- ai_vector_index on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- index_of_vectors
--   {{ config(vector_index={'column': 'embedding'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI034: vector_index has no native form on databricks; Databricks makes a vector search index through its API and no SQL statement does: leave vector_index out, make a Delta Sync index of this table there, and read it with the function vector_search; ai_search compares every row

-- index_with_options
--   {{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI034: vector_index has no native form on databricks; Databricks makes a vector search index through its API and no SQL statement does: leave vector_index out, make a Delta Sync index of this table there, and read it with the function vector_search; ai_search compares every row
