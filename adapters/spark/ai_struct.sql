{#- As JSON, which is what travels. -#}
{% macro spark__ai_struct(fields) -%}
  to_json(named_struct(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}, {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ), map('ignoreNullFields', 'false'))
{%- endmacro %}
