{% macro postgres___vector_length(column) -%}
  vector_dims({{ column }})
{%- endmacro %}
