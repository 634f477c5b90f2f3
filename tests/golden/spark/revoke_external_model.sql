-- revoke_external_model on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
-- compile error: AI019: revoke_external_model has no native form on spark; Spark has no privileges of its own: revoke in the catalog that guards its tables
