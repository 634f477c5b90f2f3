{% macro bigquery___random() -%}
  rand()
{%- endmacro %}
