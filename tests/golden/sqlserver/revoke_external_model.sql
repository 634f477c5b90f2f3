-- revoke_external_model on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
REVOKE EXECUTE ON EXTERNAL MODEL::[embedder] FROM [reporter];
;
