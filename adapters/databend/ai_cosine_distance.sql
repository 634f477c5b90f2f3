{% macro databend__ai_cosine_distance(left, right) -%}
  nullif(cosine_distance({{ left }}, {{ right }}), 'NaN'::float)
{%- endmacro %}
