{# Built in since Spark 4.2; takes ARRAY<FLOAT> and nothing else. #}
{% macro spark__ai_l2_distance(left, right) -%}
  vector_l2_distance(cast({{ left }} as array<float>), cast({{ right }} as array<float>))
{%- endmacro %}
