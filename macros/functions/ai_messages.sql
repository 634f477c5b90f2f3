{#- A conversation as the request of ai_query. Every argument is a SQL expression; examples is a list of pairs (user, assistant).
    NULL from the user is NULL: nothing is asked. -#}
{% macro ai_messages(user, system=none, examples=[]) -%}
  {%- do dbt_ai._require_expression('ai_messages', 'user', user) -%}
  {%- do dbt_ai._require_pairs('ai_messages', examples) -%}
  {%- set messages = [] -%}
  {%- if system is not none -%}{%- do messages.append(('system', system)) -%}{%- endif -%}
  {%- for asked, answered in examples -%}
    {%- do messages.append(('user', asked)) -%}
    {%- do messages.append(('assistant', answered)) -%}
  {%- endfor -%}
  {%- do messages.append(('user', user)) -%}
  {%- if execute and dbt_ai._asks_in_json() -%}
    {{ return(dbt_ai._messages_as_json(messages, user)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_messages', 'dbt_ai')(messages, user)) }}
{%- endmacro %}

{% macro default__ai_messages(messages, user) -%}
  case when ({{ user }}) is not null then named_struct('messages', array(
  {%- for role, content in messages -%}
    named_struct('role', '{{ role }}', 'content', {{ content }}){{ ', ' if not loop.last }}
  {%- endfor -%}
  )) end
{%- endmacro %}
