{% macro duckdb__ai_inner_product(left, right) -%}
  list_inner_product(cast({{ left }} as float[])[:], cast({{ right }} as float[])[:])
{%- endmacro %}
