{#- Version 1. What ai_analyze_sentiment tells the model before the text: a list of messages. Override it in a project with a macro
    `<project>__ai_analyze_sentiment_prompt` or `default__ai_analyze_sentiment_prompt` and a dispatch entry for dbt_ai. -#}
{% macro ai_analyze_sentiment_prompt() -%}
  {{ return(adapter.dispatch('ai_analyze_sentiment_prompt', 'dbt_ai')()) }}
{%- endmacro %}

{#- The clear cases come last and in turn: small models lean towards what they have seen last. Measured by benchmarks/sentiment.py. -#}
{% macro default__ai_analyze_sentiment_prompt() -%}
  {%- set system = 'What is the sentiment of the text: positive, negative, neutral or mixed?' -%}
  {{ return([{'role': 'system', 'content': system}] + dbt_ai._examples([
       ('The parcel arrives on Tuesday.', 'neutral'),
       ('Great screen, but the battery is awful.', 'mixed'),
       ('thanks, you are the best!', 'positive'),
       ('worst day ever, everything hurts', 'negative'),
       ('Yay, so happy today :)', 'positive'),
       ('I hate this, I feel sick and sad', 'negative')])) }}
{%- endmacro %}
