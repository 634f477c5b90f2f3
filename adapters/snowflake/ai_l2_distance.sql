{% macro snowflake__ai_l2_distance(left, right) -%}
  VECTOR_L2_DISTANCE({{ left }}, {{ right }})
{%- endmacro %}
