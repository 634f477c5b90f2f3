-- drop_external_model on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
-- compile error: AI027: drop_external_model has no native form on fabric; delete the model file of the external model
