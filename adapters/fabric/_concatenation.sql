{% macro fabric___concatenation(parts) %}
  {{ return('(' ~ parts | join(' + ') ~ ')') }}
{% endmacro %}
