{#- As JSON. -#}
{% macro sqlserver__ai_struct(fields) -%}
  json_object(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}: {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  )
{%- endmacro %}
