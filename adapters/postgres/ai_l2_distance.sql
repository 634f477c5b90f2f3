{% macro postgres__ai_l2_distance(left, right) -%}
  (cast({{ left }} as vector) <-> cast({{ right }} as vector))
{%- endmacro %}
