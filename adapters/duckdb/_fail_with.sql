{% macro duckdb___fail_with(sentence) -%}
  error({{ sentence }})
{%- endmacro %}
