{#- A backslash escapes here. -#}
{% macro clickhouse___string_literal(text) -%}
  {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}
