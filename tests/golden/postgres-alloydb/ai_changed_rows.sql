-- ai_changed_rows on postgres-alloydb. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- first_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from /* dbt_ai_changed_rows {"relation": "\"memory\".\"analytics\".\"tickets\"", "unique_key": "ticket_id", "state": "md5(cast(('d41d8cd98f00b204e9800998ecf8427e' || coalesce(md5(cast(body as TEXT)), 'null') || coalesce(md5(cast(queue as TEXT)), 'null')) as TEXT))", "errors": []} */
  "memory"."analytics"."tickets" as changed
;

-- next_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from /* dbt_ai_changed_rows {"relation": "\"memory\".\"analytics\".\"tickets\"", "unique_key": "ticket_id", "state": "md5(cast(('d41d8cd98f00b204e9800998ecf8427e' || coalesce(md5(cast(body as TEXT)), 'null') || coalesce(md5(cast(queue as TEXT)), 'null')) as TEXT))", "errors": []} */
  (
    select * from "memory"."analytics"."tickets"
    where ticket_id not in (
      select kept.ticket_id from "memory"."analytics"."next_run" as kept
      inner join (select ticket_id, md5(cast(('d41d8cd98f00b204e9800998ecf8427e' || coalesce(md5(cast(body as TEXT)), 'null') || coalesce(md5(cast(queue as TEXT)), 'null')) as TEXT)) as dbt_ai_state from "memory"."analytics"."tickets") as asked
        on kept.ticket_id = asked.ticket_id and kept.dbt_ai_state = asked.dbt_ai_state
    )
  ) as changed
;
