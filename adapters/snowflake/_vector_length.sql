{% macro snowflake___vector_length(column) -%}
  array_size(cast({{ column }} as array))
{%- endmacro %}
