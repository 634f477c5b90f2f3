-- revoke_external_model on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
-- compile error: AI015: revoke_external_model has no native form on bigquery; BigQuery grants on datasets, not on models: revoke on the SCHEMA, or with IAM
