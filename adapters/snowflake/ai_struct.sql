{#- As JSON: AI_COMPLETE takes a text. -#}
{% macro snowflake__ai_struct(fields) -%}
  to_json(object_construct_keep_null(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}, {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ))
{%- endmacro %}
