{% macro snowflake__drop_external_model(name) %}
  {% do run_query('drop function if exists ' ~ dbt_ai._relation_of_model(name) ~ '(VARCHAR)') %}
{% endmacro %}
