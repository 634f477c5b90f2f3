{#- A backslash escapes here. -#}
{% macro snowflake___string_literal(text) -%}
  {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}
