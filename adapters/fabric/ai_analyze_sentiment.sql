{% macro fabric__ai_analyze_sentiment(external_model, content, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_analyze_sentiment', fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._fabric_call('AI_ANALYZE_SENTIMENT', content)) }}
{%- endmacro %}
