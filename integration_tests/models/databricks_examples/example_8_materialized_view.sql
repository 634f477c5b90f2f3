-- A materialized view in a pipeline; a table where the engine has none.
{{ config(materialized='materialized_view' if target.type == 'databricks' else 'ai_table',
          tblproperties={'pipelines.channel': 'PREVIEW'}) }}
select trip_id, {{ dbt_ai.ai_query(ref('chat'), "'Summarize: ' || note", fail_on_error=false) }} as summary
from {{ ref('databricks_trips') }}
