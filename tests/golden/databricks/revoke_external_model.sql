-- revoke_external_model on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- revoke
--   {{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
revoke execute on function `memory`.`analytics`.`embedder` from `reporter`
;
