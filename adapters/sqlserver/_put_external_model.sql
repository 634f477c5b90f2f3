{% macro sqlserver___put_external_model(external_model, relation, node) %}
  {%- do run_query(dbt_ai.sqlserver__create_external_model(external_model)) -%}
{% endmacro %}
