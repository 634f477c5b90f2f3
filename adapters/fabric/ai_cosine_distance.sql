{% macro fabric__ai_cosine_distance(left, right) -%}
  {{ dbt_ai._unsupported('ai_cosine_distance', 'AI017', 'Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB') }}
{%- endmacro %}
