{#- A chat endpoint takes one text; a custom model that takes messages is asked with ai_struct(messages=…). -#}
{% macro databricks__ai_messages(messages, user) -%}
  {{ return(dbt_ai._messages_text(messages)) }}
{%- endmacro %}
