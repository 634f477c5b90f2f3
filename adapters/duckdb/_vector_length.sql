{% macro duckdb___vector_length(column) -%}
  len({{ column }})
{%- endmacro %}
