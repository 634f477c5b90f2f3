-- A custom model classifies by three named features.
select id, body,
       {{ dbt_ai.ai_query(ref('spam'), dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'), return_type='BOOLEAN') }} as is_spam
from {{ ref('databricks_messages') }}
