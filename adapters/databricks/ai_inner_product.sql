{# Needs Databricks Runtime 18.1; takes ARRAY<FLOAT> and nothing else. #}
{% macro databricks__ai_inner_product(left, right) -%}
  {{- dbt_ai._databricks_needs_vectors('ai_inner_product') -}}
  vector_inner_product(cast({{ left }} as array<float>), cast({{ right }} as array<float>))
{%- endmacro %}
