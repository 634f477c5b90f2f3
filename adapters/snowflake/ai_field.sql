{% macro snowflake__ai_field(answer, path, type) -%}
  {{ answer }}:{{ path | join(':') }}::{{ dbt_ai._snowflake_type(dbt_ai._parse_type(type)) }}
{%- endmacro %}
