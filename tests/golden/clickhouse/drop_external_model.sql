-- drop_external_model on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
-- compile error: AI027: drop_external_model has no native form on clickhouse; delete the model file of the external model
