-- ai_table on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- what_is_kept
--   {% set source = {'relation': ref('tickets'), 'unique_key': 'ticket_id', 'state': dbt_ai._row_state(['body'], 'the calls')} %}
--   {{ dbt_ai._kept_and_asked(ref('kept'), ref('asked'), source, 'ticket_id, answer, dbt_ai_state') }}
select ticket_id, answer, dbt_ai_state from "memory"."analytics"."kept" as kept
  inner join (select ticket_id as dbt_ai_key, md5(cast(('the calls' || coalesce(md5(cast(body as TEXT)), 'null')) as TEXT)) as dbt_ai_now from "memory"."analytics"."tickets") as now
    on kept.ticket_id = now.dbt_ai_key and kept.dbt_ai_state = now.dbt_ai_now
  union all
  select ticket_id, answer, dbt_ai_state from "memory"."analytics"."asked"
;

-- what_was_asked
--   {% set source = {'relation': ref('tickets'), 'unique_key': 'ticket_id', 'state': dbt_ai._row_state(['body'], 'the calls'), 'errors': ['answer']} %}
--   {{ dbt_ai._with_row_states('select ticket_id, body as answer from ' ~ ref('tickets'), source) }}
select answered.*,
    case when (answer) is null then asked.dbt_ai_state end as dbt_ai_state
  from (
  select ticket_id, body as answer from "memory"."analytics"."tickets"
  ) as answered
  inner join (select ticket_id as dbt_ai_key, md5(cast(('the calls' || coalesce(md5(cast(body as TEXT)), 'null')) as TEXT)) as dbt_ai_state from "memory"."analytics"."tickets") as asked
    on answered.ticket_id = asked.dbt_ai_key
;
