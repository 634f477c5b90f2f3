{#- A backslash escapes here. -#}
{% macro redshift___string_literal(text) -%}
  {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}
