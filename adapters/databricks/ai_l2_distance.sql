{# Needs Databricks Runtime 18.1; takes ARRAY<FLOAT> and nothing else. #}
{% macro databricks__ai_l2_distance(left, right) -%}
  {{- dbt_ai._databricks_needs_vectors('ai_l2_distance') -}}
  vector_l2_distance(cast({{ left }} as array<float>), cast({{ right }} as array<float>))
{%- endmacro %}
