-- drop_external_model on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
drop function if exists `memory`.`analytics`.`embedder`
;
