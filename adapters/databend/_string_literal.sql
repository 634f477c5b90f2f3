{#- A backslash escapes here. -#}
{% macro databend___string_literal(text) -%}
  {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}
