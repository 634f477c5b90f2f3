{% macro bigquery___vector_length(column) -%}
  array_length({{ column }})
{%- endmacro %}
