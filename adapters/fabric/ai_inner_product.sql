{% macro fabric__ai_inner_product(left, right) -%}
  {{ dbt_ai._unsupported('ai_inner_product', 'AI017', 'Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB') }}
{%- endmacro %}
