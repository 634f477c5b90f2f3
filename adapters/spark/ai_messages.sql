{#- As JSON, which is what travels. -#}
{% macro spark__ai_messages(messages, user) -%}
  to_json({{ dbt_ai.default__ai_messages(messages, user) }})
{%- endmacro %}
