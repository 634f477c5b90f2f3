{#- dbt-databricks would find Spark's, which is JSON: an endpoint of Databricks takes the struct itself. -#}
{% macro databricks__ai_struct(fields) -%}
  {{ return(dbt_ai.default__ai_struct(fields)) }}
{%- endmacro %}
