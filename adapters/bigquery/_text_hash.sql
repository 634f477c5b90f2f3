{#- MD5 answers bytes here. -#}
{% macro bigquery___text_hash(expression) %}
  {{ return('to_hex(md5(cast(' ~ expression ~ ' as string)))') }}
{% endmacro %}
