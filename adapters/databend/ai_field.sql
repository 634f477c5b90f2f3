{% macro databend__ai_field(answer, path, type) -%}
  {%- set value = answer ~ ':' ~ path | join(':') -%}
  {%- set sql_type = dbt_ai._databend_type(dbt_ai._parse_type(type)) -%}
  {{ return(value if sql_type == 'variant' else 'cast(' ~ value ~ ' as ' ~ sql_type ~ ')') }}
{%- endmacro %}
