-- ai_vector_index on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- index_of_vectors
--   {{ config(vector_index={'column': 'embedding'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI018: vector_index has no native form on redshift; Redshift has no vector type: leave vector_index out

-- index_with_options
--   {{ config(vector_index={'column': 'embedding', 'metric': 'l2'}) }}{{ dbt_ai.ai_vector_index() }}
-- compile error: AI018: vector_index has no native form on redshift; Redshift has no vector type: leave vector_index out
