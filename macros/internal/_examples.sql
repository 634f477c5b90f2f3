{#- Pairs of text and answer as the turns of a conversation, with the answers in the form in which an endpoint gives them. -#}
{% macro _examples(pairs) -%}
  {%- set messages = [] -%}
  {%- for text, answer in pairs -%}
    {%- do messages.append({'role': 'user', 'content': text}) -%}
    {%- do messages.append({'role': 'assistant', 'content': tojson({'answer': answer})}) -%}
  {%- endfor -%}
  {{ return(messages) }}
{%- endmacro %}
