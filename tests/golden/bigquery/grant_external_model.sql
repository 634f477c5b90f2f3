-- grant_external_model on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
-- compile error: AI015: grant_external_model has no native form on bigquery; BigQuery grants on datasets, not on models: grant on the SCHEMA, or with IAM

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
-- compile error: AI015: grant_external_model has no native form on bigquery; BigQuery grants on datasets, not on models: grant on the SCHEMA, or with IAM
