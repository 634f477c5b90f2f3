-- ai_changed_rows on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- first_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from /* dbt_ai_changed_rows {"relation": "`memory`.`analytics`.`tickets`", "unique_key": "ticket_id", "state": "md5(cast(('d41d8cd98f00b204e9800998ecf8427e' || coalesce(md5(cast(body as string)), 'null') || coalesce(md5(cast(queue as string)), 'null')) as string))", "errors": []} */
  `memory`.`analytics`.`tickets` as changed
;

-- next_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from /* dbt_ai_changed_rows {"relation": "`memory`.`analytics`.`tickets`", "unique_key": "ticket_id", "state": "md5(cast(('d41d8cd98f00b204e9800998ecf8427e' || coalesce(md5(cast(body as string)), 'null') || coalesce(md5(cast(queue as string)), 'null')) as string))", "errors": []} */
  (
    select * from `memory`.`analytics`.`tickets`
    where ticket_id not in (
      select kept.ticket_id from `memory`.`analytics`.`next_run` as kept
      inner join (select ticket_id, md5(cast(('d41d8cd98f00b204e9800998ecf8427e' || coalesce(md5(cast(body as string)), 'null') || coalesce(md5(cast(queue as string)), 'null')) as string)) as dbt_ai_state from `memory`.`analytics`.`tickets`) as asked
        on kept.ticket_id = asked.ticket_id and kept.dbt_ai_state = asked.dbt_ai_state
    )
  ) as changed
;
