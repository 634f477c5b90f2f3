-- drop_external_model on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
-- compile error: AI027: drop_external_model has no native form on trino; delete the model file of the external model
