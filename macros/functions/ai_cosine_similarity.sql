{# Cosine of the angle between two vectors, -1 to 1; NULL where either is NULL or all zeros. Operands are SQL expressions. #}
{% macro ai_cosine_similarity(left, right) -%}
  {{ return(adapter.dispatch('ai_cosine_similarity', 'dbt_ai')(left, right)) }}
{%- endmacro %}

{% macro default__ai_cosine_similarity(left, right) -%}
  (1 - {{ dbt_ai.ai_cosine_distance(left, right) }})
{%- endmacro %}
