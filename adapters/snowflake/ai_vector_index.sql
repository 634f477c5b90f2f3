{% macro snowflake___vector_index_types() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI034', 'Snowflake has no index of a VECTOR column: leave vector_index out; ai_search compares every row, and a Cortex Search Service is an object of its own') }}
{%- endmacro %}
