{#- T-SQL has no DROP EXTERNAL MODEL IF EXISTS. The credential stays: others may use it. -#}
{% macro sqlserver__drop_external_model(name) %}
  {%- do run_query(dbt_ai._sqlserver_drop_external_model(name)) -%}
{% endmacro %}

{% macro _sqlserver_drop_external_model(name) -%}
IF EXISTS (SELECT 1 FROM sys.external_models WHERE name = {{ dbt_ai._string_literal(name) }})
  DROP EXTERNAL MODEL {{ dbt_ai._sqlserver_name(name) }};
{%- endmacro %}
