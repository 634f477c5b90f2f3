-- drop_external_model on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
drop function if exists "memory"."analytics"."embedder"(VARCHAR)
;
