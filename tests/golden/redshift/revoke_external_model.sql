-- revoke_external_model on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.
-- Not judged: sqlglot does not read REVOKE … ON MODEL.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
revoke execute on model embedder_model from "reporter"
;
