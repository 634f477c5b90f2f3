-- ai_vector_index on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- index_of_vectors
--   {{ config(vector_index={'column': 'embedding'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI034: vector_index has no native form on snowflake; Snowflake has no index of a VECTOR column: leave vector_index out; ai_search compares every row, and a Cortex Search Service is an object of its own

-- index_with_options
--   {{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI034: vector_index has no native form on snowflake; Snowflake has no index of a VECTOR column: leave vector_index out; ai_search compares every row, and a Cortex Search Service is an object of its own
