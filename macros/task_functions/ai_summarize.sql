{#- A summary of at most max_words words; 0 is no limit. -#}
{% macro ai_summarize(model, content, max_words=50, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_summarize', 'content', content) -%}
  {%- do dbt_ai._require_words('ai_summarize', max_words) -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_summarize') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_summarize(external_model, content, max_words, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_summarize', 'dbt_ai')(external_model, content, max_words, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_summarize(external_model, content, max_words, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_summarize', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_summarize_prompt(max_words))) }}
{%- endmacro %}

{% macro _require_words(function, max_words) -%}
  {%- if max_words is not integer or max_words < 0 -%}
    {% do exceptions.raise_compiler_error(function ~ ': max_words ' ~ max_words ~ ' is not a number of words; give a whole number, 0 for no limit') %}
  {%- endif -%}
{%- endmacro %}
