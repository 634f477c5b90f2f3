{#- A backslash escapes here, and two quotes in a row do not stand for one. -#}
{% macro databricks___string_literal(text) -%}
  {%- set escaped = text | replace('\\', '\\\\') | replace("'", "\\'") -%}
  {{ return("'" ~ (escaped) ~ "'") }}
{%- endmacro %}
