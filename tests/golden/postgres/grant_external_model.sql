-- grant_external_model on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
-- compile error: AI027: grant_external_model has no native form on postgres; grant on the relation of the external model with the grants config

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
-- compile error: AI027: grant_external_model has no native form on postgres; grant on the relation of the external model with the grants config
