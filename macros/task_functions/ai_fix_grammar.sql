{#- The text with its grammar and spelling put right, and nothing else changed. -#}
{% macro ai_fix_grammar(model, content, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_fix_grammar', 'content', content) -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_fix_grammar') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_fix_grammar(external_model, content, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_fix_grammar', 'dbt_ai')(external_model, content, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_fix_grammar(external_model, content, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_fix_grammar', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_fix_grammar_prompt())) }}
{%- endmacro %}
