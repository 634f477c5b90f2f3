{% macro databend__ai_inner_product(left, right) -%}
  inner_product({{ left }}, {{ right }})
{%- endmacro %}
