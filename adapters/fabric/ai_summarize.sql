{% macro fabric__ai_summarize(external_model, content, max_words, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._fabric_require_plain('ai_summarize', fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._fabric_call('AI_SUMMARIZE', content)) }}
{%- endmacro %}
