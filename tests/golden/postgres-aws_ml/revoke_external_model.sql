-- revoke_external_model on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
-- compile error: AI027: revoke_external_model has no native form on postgres; grant on the relation of the external model with the grants config
