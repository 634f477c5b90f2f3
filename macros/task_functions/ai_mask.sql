{#- The text with every entity of the given kinds replaced by [MASKED]. labels: kinds such as 'person', 'email', 'phone'. -#}
{% macro ai_mask(model, content, labels, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_mask', 'content', content) -%}
  {%- do dbt_ai._require_names('ai_mask', 'labels', labels, 1, 500) -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_mask') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_mask(external_model, content, labels, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_mask', 'dbt_ai')(external_model, content, labels, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_mask(external_model, content, labels, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_mask', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_mask_prompt(labels))) }}
{%- endmacro %}
