{% macro postgres__ai_join(join) -%}
  {{ return(dbt_ai._joined(join)) }}
{%- endmacro %}

{#- An array is jsonb here. -#}
{% macro postgres___has_number(numbers, number) -%}
  {{ numbers }} @> to_jsonb({{ number }})
{%- endmacro %}
