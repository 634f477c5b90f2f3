{#- Text by a model to a prompt of one's own, without a schema or examples. -#}
{% macro ai_gen(model, prompt, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_gen', 'prompt', prompt) -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_gen') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_gen(external_model, prompt, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_gen', 'dbt_ai')(external_model, prompt, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_gen(external_model, prompt, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_gen', external_model, prompt, fail_on_error, model_parameters)) }}
{%- endmacro %}
