-- Postgres' extensions raise their errors: a compile error there (AI026).
{{ config(enabled=target.type != 'postgres') }}
with answered as (
  select ticket_id,
         {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label STRING>', fail_on_error=false) }} as answer
  from {{ ref('tickets') }}
)
select ticket_id,
       {{ dbt_ai.ai_field('answer', 'response.label', 'STRING') }} as label,
       {{ dbt_ai.ai_field('answer', 'errorStatus', 'STRING') }} as error
from answered
