{# Euclidean distance between two vectors; NULL where either is NULL. Operands are SQL expressions. #}
{% macro ai_l2_distance(left, right) -%}
  {{ return(adapter.dispatch('ai_l2_distance', 'dbt_ai')(left, right)) }}
{%- endmacro %}

{% macro default__ai_l2_distance(left, right) -%}
  {{ dbt_ai._unsupported('ai_l2_distance', 'AI001', 'compare vectors on DuckDB, Spark, Databend, Postgres or a warehouse with a vector type') }}
{%- endmacro %}
