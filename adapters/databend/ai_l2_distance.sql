{% macro databend__ai_l2_distance(left, right) -%}
  l2_distance({{ left }}, {{ right }})
{%- endmacro %}
