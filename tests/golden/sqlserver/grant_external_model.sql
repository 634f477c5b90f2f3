-- grant_external_model on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- grant_one
--   {{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
GRANT EXECUTE ON EXTERNAL MODEL::[embedder] TO [reporter], [analyst];
;

-- grant_without_a_model
--   {{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
GRANT CREATE EXTERNAL MODEL TO [engineer];
;
