{#- The function takes one text. -#}
{% macro fabric__ai_messages(messages, user) -%}
  {{ return(dbt_ai._messages_text(messages)) }}
{%- endmacro %}
