{#- As JSON: the function takes a text. -#}
{% macro redshift__ai_struct(fields) -%}
  json_serialize(object(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}, {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ))
{%- endmacro %}
