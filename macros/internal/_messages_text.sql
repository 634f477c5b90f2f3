{#- A conversation as one text, for functions that take nothing else. -#}
{% macro _messages_text(messages) %}
  {%- set parts = [] -%}
  {%- for role, content in messages -%}
    {%- set heading = ('\n\n' if not loop.first else '') ~ {'user': 'User: ', 'assistant': 'Assistant: '}.get(role, '') -%}
    {%- if heading -%}{%- do parts.append(dbt_ai._string_literal(heading)) -%}{%- endif -%}
    {%- do parts.append(dbt_ai._uncut(content)) -%}
  {%- endfor -%}
  {{ return(dbt_ai._concatenation(parts)) }}
{% endmacro %}
