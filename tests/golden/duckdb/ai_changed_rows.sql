-- ai_changed_rows on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- first_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from "memory"."analytics"."tickets" as changed
;

-- next_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from "memory"."analytics"."tickets" as changed
;
