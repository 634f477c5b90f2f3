{#- How relevant a text is to a query, as a number to order by: larger is closer. Numbers of different models are not comparable.
    model: of model_type RERANKING; or DECISIONS, or CHAT with log-probabilities, which answer how probable it is that the text is relevant. -#}
{% macro ai_rank(model, query, content, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_rank', 'query', query) -%}
  {%- do dbt_ai._require_expression('ai_rank', 'content', content) -%}
  {%- set external_model = dbt_ai._external_model(model, 'RERANKING', 'ai_rank') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_rank(external_model, query, content, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_rank', 'dbt_ai')(external_model, query, content, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_rank(external_model, query, content, fail_on_error, model_parameters) -%}
  {%- set both = '(' ~ query ~ ') is not null and (' ~ content ~ ') is not null' -%}
  {%- if external_model.model_type == 'RERANKING' -%}
    {%- set pair = dbt_ai._struct_as_json({'query': query, 'text': content}) -%}
    {%- set messages, questions = [], none -%}
  {%- else -%}
    {%- set pair = dbt_ai._concatenation([dbt_ai._string_literal('Query: '), dbt_ai._uncut('(' ~ query ~ ')'),
          dbt_ai._string_literal('\nText: '), dbt_ai._uncut('(' ~ content ~ ')')]) -%}
    {%- set messages, questions = dbt_ai.ai_rank_prompt(), [dbt_ai._yes_no_question('The text is relevant to the query.')] -%}
  {%- endif -%}
  {{ return(dbt_ai._answer('ai_rank', external_model, 'case when ' ~ both ~ ' then ' ~ pair ~ ' end', fail_on_error, model_parameters,
       messages=messages, return_type='DOUBLE', questions=questions)) }}
{%- endmacro %}
