-- Batch inference: a prompt and a column, errors as data, constant parameters.
{{ config(materialized='table') }}
{% set prompt = "'Correct the grammar of: '" %}
select note,
       {{ dbt_ai.ai_query(ref('chat'), prompt ~ ' || note', fail_on_error=false,
                          model_parameters={'max_tokens': 40, 'temperature': 0.0}) }} as response,
       {{ dbt_ai.ai_query(ref('chat'), 'concat(' ~ prompt ~ ', note)', fail_on_error=false,
                          model_parameters={'max_tokens': 40, 'temperature': 0.0}) }} as by_concat
from {{ ref('databricks_trips') }}
where note is not null
limit 10
