{#- AI_GENERATE_RESPONSE takes a text. -#}
{% macro fabric__ai_struct(fields) -%}
  {{ return(dbt_ai.sqlserver__ai_struct(fields)) }}
{%- endmacro %}
