-- grant_external_model on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
grant usage on udf embedder to role reporter
;
grant usage on udf embedder__call to role reporter
;
grant usage on udf embedder to role analyst
;
grant usage on udf embedder__call to role analyst
;

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
-- compile error: AI027: grant_external_model without a model has no native form on databend; the database knows no privilege on all external models: name one
