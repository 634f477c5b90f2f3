-- A foundation model over ten rows of a table.
select pickup_zip,
       {{ dbt_ai.ai_query(ref('chat'), "'What is the borough of this zip code? Answer with the name only: ' || pickup_zip", fail_on_error=false) }} as borough
from {{ ref('databricks_trips') }}
limit 10
