-- grant_external_model on spark. Judged by sqlglot (spark) and Spark's parser. Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
-- compile error: AI019: grant_external_model has no native form on spark; Spark has no privileges of its own: grant in the catalog that guards its tables

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
-- compile error: AI019: grant_external_model has no native form on spark; Spark has no privileges of its own: grant in the catalog that guards its tables
