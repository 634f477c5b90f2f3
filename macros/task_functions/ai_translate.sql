{#- The text in another language. to_lang: a code such as 'de', or a name such as 'German'. -#}
{% macro ai_translate(model, content, to_lang, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_translate', 'content', content) -%}
  {%- do dbt_ai._require_text('ai_translate', 'to_lang', to_lang, 'German') -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_translate') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_translate(external_model, content, to_lang, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_translate', 'dbt_ai')(external_model, content, to_lang, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_translate(external_model, content, to_lang, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_translate', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_translate_prompt(to_lang))) }}
{%- endmacro %}
