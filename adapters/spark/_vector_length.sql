{% macro spark___vector_length(column) -%}
  size({{ column }})
{%- endmacro %}
