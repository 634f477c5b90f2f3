-- drop_external_model on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
-- compile error: AI027: drop_external_model has no native form on spark; delete the model file of the external model
