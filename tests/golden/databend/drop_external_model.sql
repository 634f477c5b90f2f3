-- drop_external_model on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- drop
--   {{ dbt_ai.drop_external_model('embedder') }}
drop function if exists embedder
;
drop function if exists embedder__call
;
