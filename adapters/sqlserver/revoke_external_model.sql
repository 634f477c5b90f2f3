{% macro sqlserver__revoke_external_model(name, grantees, privilege) %}
  {%- do run_query(dbt_ai._sqlserver_permission('REVOKE', name, 'FROM', grantees, privilege)) -%}
{% endmacro %}
