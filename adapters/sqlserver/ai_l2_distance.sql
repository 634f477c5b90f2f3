{% macro sqlserver__ai_l2_distance(left, right) -%}
  VECTOR_DISTANCE('euclidean', {{ left }}, {{ right }})
{%- endmacro %}
