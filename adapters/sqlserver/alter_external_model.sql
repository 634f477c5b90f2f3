{% macro sqlserver__alter_external_model(name, changes) %}
  {%- do run_query(dbt_ai._sqlserver_alter_external_model(name, changes)) -%}
{% endmacro %}

{% macro _sqlserver_alter_external_model(name, changes) -%}
  {%- do dbt_ai._sqlserver_check_external_model(dict(changes, name=name)) -%}
ALTER EXTERNAL MODEL {{ dbt_ai._sqlserver_name(name) }}
SET (
    {{ dbt_ai._sqlserver_external_model_options(changes) }}
);
{%- endmacro %}
