-- revoke_external_model on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
revoke usage on udf embedder from role reporter
;
revoke usage on udf embedder__call from role reporter
;
