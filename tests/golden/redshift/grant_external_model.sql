-- grant_external_model on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.
-- Not judged: sqlglot does not read GRANT … ON MODEL.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
grant execute on model embedder_model to "reporter"
;
grant execute on model embedder_model to "analyst"
;

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
grant create model to "engineer"
;
