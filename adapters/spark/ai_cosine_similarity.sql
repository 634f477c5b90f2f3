{# Built in since Spark 4.2; takes ARRAY<FLOAT> and nothing else. #}
{% macro spark__ai_cosine_similarity(left, right) -%}
  vector_cosine_similarity(cast({{ left }} as array<float>), cast({{ right }} as array<float>))
{%- endmacro %}
