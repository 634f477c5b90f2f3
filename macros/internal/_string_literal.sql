{% macro _string_literal(text) -%}
  {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}
