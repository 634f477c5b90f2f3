{# Built in since Spark 4.2; takes ARRAY<FLOAT> and nothing else. #}
{% macro spark__ai_inner_product(left, right) -%}
  vector_inner_product(cast({{ left }} as array<float>), cast({{ right }} as array<float>))
{%- endmacro %}
