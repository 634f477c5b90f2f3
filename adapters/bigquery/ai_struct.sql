{#- As JSON: AI.GENERATE takes a text. -#}
{% macro bigquery__ai_struct(fields) -%}
  to_json_string(struct(
  {%- for name, expression in fields.items() -%}
    {{ expression }} as {{ name }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ))
{%- endmacro %}
