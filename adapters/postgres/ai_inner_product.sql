{% macro postgres__ai_inner_product(left, right) -%}
  inner_product(cast({{ left }} as vector), cast({{ right }} as vector))
{%- endmacro %}
