{% macro databend__drop_external_model(name) %}
  {% do run_query('drop function if exists ' ~ name) %}
  {% do run_query('drop function if exists ' ~ name ~ '__call') %}
{% endmacro %}
