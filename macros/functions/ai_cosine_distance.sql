{# 1 - ai_cosine_similarity: 0 for the same direction; order by it ascending for the nearest. Operands are SQL expressions. #}
{% macro ai_cosine_distance(left, right) -%}
  {{ return(adapter.dispatch('ai_cosine_distance', 'dbt_ai')(left, right)) }}
{%- endmacro %}

{% macro default__ai_cosine_distance(left, right) -%}
  {{ dbt_ai._unsupported('ai_cosine_distance', 'AI001', 'compare vectors on DuckDB, Spark, Databend, Postgres or a warehouse with a vector type') }}
{%- endmacro %}
