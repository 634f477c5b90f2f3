{% macro _sqlserver_name(name) -%}
  {{ return('[' ~ name | replace(']', ']]') ~ ']') }}
{%- endmacro %}
