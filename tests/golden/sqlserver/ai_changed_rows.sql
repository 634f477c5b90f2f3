-- ai_changed_rows on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- first_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from /* dbt_ai_changed_rows {"relation": "\"memory\".\"analytics\".\"tickets\"", "unique_key": "ticket_id", "state": "convert(varchar(64), hashbytes('SHA2_256', cast((cast(N'd41d8cd98f00b204e9800998ecf8427e' as nvarchar(max)) + coalesce(convert(varchar(64), hashbytes('SHA2_256', cast(body as nvarchar(max))), 2), 'null') + coalesce(convert(varchar(64), hashbytes('SHA2_256', cast(queue as nvarchar(max))), 2), 'null')) as nvarchar(max))), 2)", "errors": []} */
  "memory"."analytics"."tickets" as changed
;

-- next_run
--   {{ config(materialized='ai_table') }}
--   select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
select ticket_id, body as answer from /* dbt_ai_changed_rows {"relation": "\"memory\".\"analytics\".\"tickets\"", "unique_key": "ticket_id", "state": "convert(varchar(64), hashbytes('SHA2_256', cast((cast(N'd41d8cd98f00b204e9800998ecf8427e' as nvarchar(max)) + coalesce(convert(varchar(64), hashbytes('SHA2_256', cast(body as nvarchar(max))), 2), 'null') + coalesce(convert(varchar(64), hashbytes('SHA2_256', cast(queue as nvarchar(max))), 2), 'null')) as nvarchar(max))), 2)", "errors": []} */
  (
    select * from "memory"."analytics"."tickets"
    where ticket_id not in (
      select kept.ticket_id from "memory"."analytics"."next_run" as kept
      inner join (select ticket_id, convert(varchar(64), hashbytes('SHA2_256', cast((cast(N'd41d8cd98f00b204e9800998ecf8427e' as nvarchar(max)) + coalesce(convert(varchar(64), hashbytes('SHA2_256', cast(body as nvarchar(max))), 2), 'null') + coalesce(convert(varchar(64), hashbytes('SHA2_256', cast(queue as nvarchar(max))), 2), 'null')) as nvarchar(max))), 2) as dbt_ai_state from "memory"."analytics"."tickets") as asked
        on kept.ticket_id = asked.ticket_id and kept.dbt_ai_state = asked.dbt_ai_state
    )
  ) as changed
;
