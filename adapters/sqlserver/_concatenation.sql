{% macro sqlserver___concatenation(parts) %}
  {{ return('(' ~ parts | join(' + ') ~ ')') }}
{% endmacro %}
