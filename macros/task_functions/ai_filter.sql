{#- Whether a statement is true of the text, as a boolean: for `where` and `case`.
    condition: a constant sentence, such as 'The customer asks for a refund'. -#}
{% macro ai_filter(model, content, condition, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_filter', 'content', content) -%}
  {%- do dbt_ai._require_text('ai_filter', 'condition', condition, 'The customer asks for a refund') -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_filter') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_filter(external_model, content, condition, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_filter', 'dbt_ai')(external_model, content, condition, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_filter(external_model, content, condition, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._runtime_answer('ai_filter', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_filter_prompt(condition), return_type='BOOLEAN')) }}
{%- endmacro %}
