{% macro snowflake__ai_inner_product(left, right) -%}
  VECTOR_INNER_PRODUCT({{ left }}, {{ right }})
{%- endmacro %}
