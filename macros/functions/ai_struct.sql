{#- A struct of named SQL expressions, as the request of ai_query: ai_struct(sender='from_number', text='body'). -#}
{% macro ai_struct() -%}
  {%- if not kwargs -%}
    {% do exceptions.raise_compiler_error("ai_struct: name the fields, as in dbt_ai.ai_struct(sender='from_number', text='body'); 'struct(*)' is every column") %}
  {%- endif -%}
  {%- if execute and dbt_ai._asks_in_json() -%}
    {{ return(dbt_ai._struct_as_json(kwargs)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_struct', 'dbt_ai')(kwargs)) }}
{%- endmacro %}

{% macro default__ai_struct(fields) -%}
  named_struct(
  {%- for name, expression in fields.items() -%}
    {{ dbt_ai._string_literal(name) }}, {{ expression }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  )
{%- endmacro %}
