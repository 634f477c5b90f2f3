{% macro duckdb__ai_join(join) -%}
  {{ return(dbt_ai._joined(join)) }}
{%- endmacro %}
