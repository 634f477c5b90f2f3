-- revoke_external_model on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
-- compile error: AI027: revoke_external_model has no native form on clickhouse; grant on the relation of the external model with the grants config
