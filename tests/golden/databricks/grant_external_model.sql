-- grant_external_model on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
grant execute on function `memory`.`analytics`.`embedder` to `reporter`
;
grant execute on function `memory`.`analytics`.`embedder` to `analyst`
;

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
-- compile error: AI027: grant_external_model without a model has no native form on databricks; the database knows no privilege on all external models: name one
