-- drop_external_model on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
-- compile error: AI027: drop_external_model has no native form on postgres; delete the model file of the external model
