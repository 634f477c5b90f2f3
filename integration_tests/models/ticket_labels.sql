with labelled as (
  select ticket_id,
         {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'billing', 'it''s fine'), urgency INT, score DOUBLE>") }} as answer
  from {{ ref('tickets') }}
)
select ticket_id,
       {{ dbt_ai.ai_field('answer', 'label', 'STRING') }} as label,
       {{ dbt_ai.ai_field('answer', 'urgency', 'INT') }} as urgency,
       {{ dbt_ai.ai_field('answer', 'score', 'DOUBLE') }} as score
from labelled
