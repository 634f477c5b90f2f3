{#- A summary of all texts of a group, in at most max_words words (0 is no limit): an aggregate function. -#}
{% macro ai_summarize_agg(model, content, max_words=50, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_summarize_agg', 'content', content) -%}
  {%- do dbt_ai._require_words('ai_summarize_agg', max_words) -%}
  {%- set limit = ' in at most ' ~ max_words ~ ' words' if max_words else '' -%}
  {{ return(dbt_ai._aggregated('ai_summarize_agg', dbt_ai._external_model(model, 'CHAT', 'ai_summarize_agg'), content,
       dbt_ai.ai_agg_prompt('Summarize the texts' ~ limit ~ '.'), fail_on_error, model_parameters)) }}
{%- endmacro %}
