{#- An endpoint of Databricks is native without being named twice. -#}
{% macro databricks___is_native(function, external_model) %}
  {{ return(external_model.literal or external_model.api_format == 'Databricks' or 'databricks' in (external_model.native or {})) }}
{% endmacro %}

{#- dbt-databricks would find Spark's. -#}
{% macro databricks___is_looked_up(function, external_model) %}
  {{ return(dbt_ai.default___is_looked_up(function, external_model)) }}
{% endmacro %}
