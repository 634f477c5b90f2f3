{#- How far a text meets the criteria, as a number from low to high: the mean of the levels, weighted by how probable the model finds each.
    criteria: constant text, such as 'how urgent the ticket is, from can wait to right now'. -#}
{% macro ai_score(model, content, criteria, low=1, high=5, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_score', 'content', content) -%}
  {%- do dbt_ai._require_text('ai_score', 'criteria', criteria, 'how urgent the ticket is') -%}
  {%- if low is not number or high is not number or low is boolean or high is boolean or not -1e15 <= low < high <= 1e15 -%}
    {% do exceptions.raise_compiler_error('ai_score: low ' ~ low ~ ' and high ' ~ high ~ ' are no scale; give two numbers, the lower one first') %}
  {%- endif -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_score') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_score(external_model, content, criteria, low, high, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_score', 'dbt_ai')(external_model, content, criteria, low, high, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_score(external_model, content, criteria, low, high, fail_on_error, model_parameters) -%}
  {%- set levels = dbt_ai._levels(low, high) -%}
  {{ return(dbt_ai._answer('ai_score', external_model, content, fail_on_error, model_parameters,
       messages=dbt_ai.ai_score_prompt(criteria, levels[0], levels[-1]), return_type='DOUBLE',
       questions=[dbt_ai._score_question(criteria, levels, low, high, levels)])) }}
{%- endmacro %}

{#- The digits that the model chooses among: the whole numbers of the scale where each is one digit, else 0 to 9, which stand for low to high. -#}
{% macro _levels(low, high) -%}
  {%- set digits = low == low | int and high == high | int and low >= 0 and high <= 9 -%}
  {%- set levels = [] -%}
  {%- for level in (range(low | int, high | int + 1) if digits else range(10)) -%}{%- do levels.append(level | string) -%}{%- endfor -%}
  {{ return(levels) }}
{%- endmacro %}
