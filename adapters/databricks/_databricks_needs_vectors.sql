{# var dbt_ai_databricks_runtime: the oldest runtime the project has to work on, 18.1 unless set. #}
{% macro _databricks_needs_vectors(function) -%}
  {%- if (var('dbt_ai_databricks_runtime', 18.1) | float) < 18.1 -%}
    {{ dbt_ai._unsupported(function, 'AI006', 'vector functions need Databricks Runtime 18.1: raise var dbt_ai_databricks_runtime, or compare the vectors on DuckDB') }}
  {%- endif -%}
{%- endmacro %}
