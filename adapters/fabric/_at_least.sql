{% macro fabric___at_least(number, threshold) -%}
  {{ return(dbt_ai.sqlserver___at_least(number, threshold)) }}
{%- endmacro %}
