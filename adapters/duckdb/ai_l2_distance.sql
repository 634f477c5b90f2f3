{% macro duckdb__ai_l2_distance(left, right) -%}
  list_distance(cast({{ left }} as float[])[:], cast({{ right }} as float[])[:])
{%- endmacro %}
