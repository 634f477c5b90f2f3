{#- As JSON, which is what travels. -#}
{% macro databend__ai_messages(messages, user) -%}
  case when ({{ user }}) is not null then to_string(json_object_keep_null('messages', json_array(
  {%- for role, content in messages -%}
    json_object_keep_null('role', '{{ role }}', 'content', {{ content }}){{ ', ' if not loop.last }}
  {%- endfor -%}
  ))) end
{%- endmacro %}
