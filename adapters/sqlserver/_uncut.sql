{% macro sqlserver___uncut(expression, type) %}
  {{ return('cast(' ~ expression ~ ' as nvarchar(max))') }}
{% endmacro %}
