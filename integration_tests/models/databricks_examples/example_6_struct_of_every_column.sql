-- A custom model takes every column of the row.
select units, price,
       {{ dbt_ai.ai_query(ref('revenue'), 'struct(*)', return_type='FLOAT') }} as revenue
from (select units, cast(price as double) as price from {{ ref('databricks_trips') }}) as features
