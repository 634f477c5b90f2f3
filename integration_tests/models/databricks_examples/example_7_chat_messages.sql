-- A conversation, answered as a struct.
select pickup_zip,
       {{ dbt_ai.ai_query(ref('chat'),
            dbt_ai.ai_messages(system="'You are a taxi dispatcher.'", user="'Name candidates for a pickup in ' || pickup_zip"),
            return_type='STRUCT<candidates:ARRAY<STRING>>', fail_on_error=false) }} as answer
from {{ ref('databricks_trips') }}
