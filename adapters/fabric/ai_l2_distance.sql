{% macro fabric__ai_l2_distance(left, right) -%}
  {{ dbt_ai._unsupported('ai_l2_distance', 'AI017', 'Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB') }}
{%- endmacro %}
