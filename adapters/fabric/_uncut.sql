{% macro fabric___uncut(expression, type) %}
  {{ return('cast(' ~ expression ~ ' as varchar(max))') }}
{% endmacro %}
