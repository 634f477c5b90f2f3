{#- Whether a statement is true of the text, as a boolean: for `where` and `case`.
    condition: a constant sentence, such as 'The customer asks for a refund'. probabilities: how probable it is, 0 to 1, instead.
    threshold: true where it is at least that probable.
    effort: a proxy may answer in the model's place, as far as a share of all rows is answered as the model answers them. -#}
{% macro ai_filter(model, content, condition, fail_on_error=true, model_parameters={}, probabilities=false, threshold=none, effort=none) -%}
  {%- do dbt_ai._require_expression('ai_filter', 'content', content) -%}
  {%- do dbt_ai._require_text('ai_filter', 'condition', condition, 'The customer asks for a refund') -%}
  {%- if probabilities not in [true, false] -%}
    {% do exceptions.raise_compiler_error('ai_filter: probabilities ' ~ probabilities ~ ' is not a constant; give true or false') %}
  {%- elif threshold is not none -%}
    {%- do dbt_ai._require_rate('ai_filter', 'threshold', threshold) -%}
    {%- if probabilities or not fail_on_error -%}
      {% do exceptions.raise_compiler_error('ai_filter: threshold answers a boolean, without ' ~ ('probabilities' if probabilities else 'errors') ~ '; leave it out, and compare the probability that probabilities=true answers') %}
    {%- endif -%}
  {%- endif -%}
  {%- if effort is not none -%}
    {%- do dbt_ai._require_effort('ai_filter', effort) -%}
    {%- if probabilities or threshold is not none -%}
      {% do exceptions.raise_compiler_error('ai_filter: effort is of a boolean without a probability; leave out ' ~ ('probabilities' if probabilities else 'threshold')) %}
    {%- endif -%}
  {%- endif -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_filter') -%}
  {%- if effort is not none -%}
    {%- set question = dbt_ai._filter_question(dbt_ai._external_model(effort.proxy, 'CHAT', 'ai_filter'), condition) if effort.proxy is defined else none -%}
    {{ return(dbt_ai._answer('ai_filter', external_model, content, fail_on_error, model_parameters,
         messages=dbt_ai.ai_filter_prompt(condition), return_type='BOOLEAN', effort=dbt_ai._effort(effort, 'ai_filter', question))) }}
  {%- endif -%}
  {%- if probabilities or threshold is not none -%}
    {%- set probability = dbt_ai._filter_by_probability(external_model, content, condition, fail_on_error, model_parameters) -%}
    {{ return(probability if threshold is none else dbt_ai._at_least(probability, threshold)) }}
  {%- endif -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_filter(external_model, content, condition, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_filter', 'dbt_ai')(external_model, content, condition, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_filter(external_model, content, condition, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_filter', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_filter_prompt(condition), return_type='BOOLEAN')) }}
{%- endmacro %}

{#- The threshold is not part of the request: another one asks nothing. -#}
{% macro _filter_by_probability(external_model, content, condition, fail_on_error, model_parameters) -%}
  {%- set asked = dbt_ai._filter_question(external_model, condition) -%}
  {{ return(dbt_ai._answer(asked.function, external_model, content, fail_on_error, model_parameters,
       messages=asked.messages, return_type=asked.return_type, questions=asked.questions)) }}
{%- endmacro %}

{#- What a model is asked for how probable the statement is. -#}
{% macro _filter_question(external_model, condition) -%}
  {{ return({'function': 'ai_filter', 'external_model': external_model, 'messages': dbt_ai.ai_filter_prompt(condition), 'return_type': 'DOUBLE',
       'questions': [dbt_ai._yes_no_question(condition)]}) }}
{%- endmacro %}

{#- A comparison as a value. -#}
{% macro _at_least(number, threshold) -%}
  {{ return(adapter.dispatch('_at_least', 'dbt_ai')(number, threshold)) }}
{%- endmacro %}

{% macro default___at_least(number, threshold) -%}
  {{ return('(' ~ number ~ ' >= ' ~ threshold ~ ')') }}
{%- endmacro %}
