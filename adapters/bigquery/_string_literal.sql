{#- A backslash escapes here, and two quotes in a row do not stand for one, nor may a line end inside. -#}
{% macro bigquery___string_literal(text) -%}
  {%- set escaped = text | replace('\\', '\\\\') | replace("'", "\\'") -%}
  {{ return("'" ~ (escaped | replace('\r', '\\r') | replace('\n', '\\n')) ~ "'") }}
{%- endmacro %}
