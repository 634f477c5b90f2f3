{# Needs Databricks Runtime 18.1; takes ARRAY<FLOAT> and nothing else, and answers NULL for a vector of zeros. #}
{% macro databricks__ai_cosine_similarity(left, right) -%}
  {{- dbt_ai._databricks_needs_vectors('ai_cosine_similarity') -}}
  vector_cosine_similarity(cast({{ left }} as array<float>), cast({{ right }} as array<float>))
{%- endmacro %}
