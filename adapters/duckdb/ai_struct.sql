{#- As JSON, which is what travels: a function of the runtime takes text. -#}
{% macro duckdb__ai_struct(fields) -%}
  to_json(struct_pack(
  {%- for name, expression in fields.items() -%}
    "{{ name | replace('"', '""') }}" := {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ))
{%- endmacro %}
