{% macro bigquery__ai_l2_distance(left, right) -%}
  EUCLIDEAN_DISTANCE({{ left }}, {{ right }})
{%- endmacro %}
