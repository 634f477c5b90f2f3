{#- Its function goes with it. https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_MODEL.html -#}
{% macro redshift__drop_external_model(name) %}
  {% do run_query('drop model if exists ' ~ name ~ '_model') %}
{% endmacro %}
