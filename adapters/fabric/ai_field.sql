{% macro fabric__ai_field(answer, path, type) -%}
  {{ return(dbt_ai.sqlserver__ai_field(answer, path, type)) }}
{%- endmacro %}
