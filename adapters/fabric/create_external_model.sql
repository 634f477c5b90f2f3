{% macro fabric__create_external_model(external_model) -%}
  {{ dbt_ai._unsupported('create_external_model', 'AI017', 'Fabric Warehouse has no external models and one chat model of its own: use ai_query, or a SQL database in Fabric (dbt-sqlserver)') }}
{%- endmacro %}
