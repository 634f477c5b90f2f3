{#- As JSON: the extensions take a text. -#}
{% macro postgres__ai_struct(fields) -%}
  cast(jsonb_build_object(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}, {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ) as text)
{%- endmacro %}
