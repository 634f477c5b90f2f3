{#- As JSON, which is what travels. -#}
{% macro databend__ai_struct(fields) -%}
  to_string(json_object_keep_null(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}, {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ))
{%- endmacro %}
