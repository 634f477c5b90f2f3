{% macro duckdb__ai_messages(messages, user) -%}
  to_json(case when ({{ user }}) is not null then struct_pack(messages := [
  {%- for role, content in messages -%}
    {'role': '{{ role }}', 'content': {{ content }}}{{ ', ' if not loop.last }}
  {%- endfor -%}
  ]) end)
{%- endmacro %}
