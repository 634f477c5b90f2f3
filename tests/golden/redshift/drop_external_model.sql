-- drop_external_model on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.
-- Not judged: sqlglot does not read DROP MODEL.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
drop model if exists embedder_model
;
