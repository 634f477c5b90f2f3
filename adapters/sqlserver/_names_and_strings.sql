{% macro _sqlserver_name(name) -%}
  {{ return('[' ~ name | replace(']', ']]') ~ ']') }}
{%- endmacro %}

{% macro _sqlserver_string(text) -%}
  {{ return("N'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}
