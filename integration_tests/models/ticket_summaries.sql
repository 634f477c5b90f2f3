{{ config(materialized='ai_table') }}
select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'" ~ var('instruction', 'Summarize') ~ ': ' ~ "' || body") }} as summary
from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body']) }} as tickets
