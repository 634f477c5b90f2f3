-- A function of one's own replaces a column.
select trip_id, {{ correct_grammar('note') }} as note
from {{ ref('databricks_trips') }}
