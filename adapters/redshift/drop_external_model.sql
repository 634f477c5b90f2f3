{% macro redshift__drop_external_model(name) %}
  {% do run_query('drop model ' ~ name ~ '_model') %}
{% endmacro %}
