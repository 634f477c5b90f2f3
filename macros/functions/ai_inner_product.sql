{# Inner (dot) product of two vectors; NULL where either is NULL. Operands are SQL expressions. #}
{% macro ai_inner_product(left, right) -%}
  {{ return(adapter.dispatch('ai_inner_product', 'dbt_ai')(left, right)) }}
{%- endmacro %}

{% macro default__ai_inner_product(left, right) -%}
  {{ dbt_ai._unsupported('ai_inner_product', 'AI001', 'compare vectors on DuckDB, Spark, Databend, Postgres or a warehouse with a vector type') }}
{%- endmacro %}
