{% macro postgres__ai_field(answer, path, type) -%}
  {{ return(dbt_ai._postgres_cast('(' ~ answer ~ " #>> '{" ~ path | join(',') ~ "}')", dbt_ai._parse_type(type))) }}
{%- endmacro %}
