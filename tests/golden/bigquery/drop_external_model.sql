-- drop_external_model on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
drop model if exists `memory`.`analytics`.`embedder`
;
