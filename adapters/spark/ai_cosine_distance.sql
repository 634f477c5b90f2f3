{% macro spark__ai_cosine_distance(left, right) -%}
  (1 - {{ dbt_ai.ai_cosine_similarity(left, right) }})
{%- endmacro %}
