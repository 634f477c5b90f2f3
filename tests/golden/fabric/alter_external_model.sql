-- alter_external_model on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- alter
--   {{ dbt_ai.alter_external_model('embedder', model='text-embedding-3-large', parameters={'dimensions': 1024}) }}
-- compile error: AI027: alter_external_model has no native form on fabric; change the model file of the external model and run it
