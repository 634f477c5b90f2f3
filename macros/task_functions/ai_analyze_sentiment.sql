{#- positive, negative, neutral or mixed. -#}
{% macro ai_analyze_sentiment(model, content, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_analyze_sentiment', 'content', content) -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_analyze_sentiment') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_analyze_sentiment(external_model, content, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_analyze_sentiment', 'dbt_ai')(external_model, content, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_analyze_sentiment(external_model, content, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_analyze_sentiment', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_analyze_sentiment_prompt(),
       return_type="ENUM('positive', 'negative', 'neutral', 'mixed')")) }}
{%- endmacro %}
