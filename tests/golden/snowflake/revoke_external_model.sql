-- revoke_external_model on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
revoke usage on function "memory"."analytics"."embedder"(VARCHAR) from role "reporter"
;
