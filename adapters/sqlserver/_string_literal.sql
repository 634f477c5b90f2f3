{% macro sqlserver___string_literal(text) -%}
  {{ return("N'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}
