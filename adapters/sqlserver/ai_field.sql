{#- Answers with a type, and those beside their error, are JSON text. -#}
{% macro sqlserver__ai_field(answer, path, type) -%}
  {%- set parsed = dbt_ai._parse_type(type) -%}
  {%- set read = 'json_query(' if parsed.kind in ('struct', 'array', 'map') else 'json_value(' -%}
  {{ return(dbt_ai.sqlserver___as_type(read ~ answer ~ ", '$." ~ path | join('.') ~ "')", parsed)) }}
{%- endmacro %}
