{#- A SQL expression, as the type where one is given. SQL Server and Fabric cut a concatenation at 8,000 bytes unless one of its texts is
    of a (max) type, and their type_string() is cut there too. -#}
{% macro _uncut(expression, type=none) %}
  {{ return(adapter.dispatch('_uncut', 'dbt_ai')(expression, type)) }}
{% endmacro %}

{% macro default___uncut(expression, type) %}
  {{ return('cast(' ~ expression ~ ' as ' ~ type ~ ')' if type else expression) }}
{% endmacro %}
