{#- Several questions about one text in one request, each answered with probabilities: a struct with a field for each question.
    questions: {'urgent': {'type': 'yes_no', 'instructions': '…'}, 'topic': {'type': 'choice', 'choices': ['billing', 'outage']},
    'mood': {'type': 'score', 'levels': ['bad', 'fair', 'good']}}. -#}
{% macro ai_decide(model, content, questions, fail_on_error=true, model_parameters={}) -%}
  {%- do dbt_ai._require_expression('ai_decide', 'content', content) -%}
  {%- do dbt_ai._require_questions(questions) -%}
  {%- set external_model = dbt_ai._external_model(model, 'CHAT', 'ai_decide') -%}
  {%- set written, fields = [], [] -%}
  {%- for name, question in questions.items() -%}
    {%- do written.append(dbt_ai._decision_question(external_model, name, question)) -%}
    {%- do fields.append(name ~ ' ' ~ dbt_ai._decision_type(question.type)) -%}
  {%- endfor -%}
  {%- set return_type = 'STRUCT<' ~ fields | join(', ') ~ '>' -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai.default__ai_decide(external_model, content, written, return_type, fail_on_error, model_parameters)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_decide', 'dbt_ai')(external_model, content, written, return_type, fail_on_error, model_parameters)) }}
{%- endmacro %}

{% macro default__ai_decide(external_model, content, questions, return_type, fail_on_error, model_parameters) -%}
  {{ return(dbt_ai._answer('ai_decide', external_model, content, fail_on_error, model_parameters, return_type=return_type, questions=questions)) }}
{%- endmacro %}

{#- A question as dbt_ai.questions reads it. A chat model is asked one after another, so each has the messages that ask it. Without
    instructions its name says what is asked, where the choices of a chat model do not. -#}
{% macro _decision_question(external_model, name, question) -%}
  {%- set asked = question.instructions or (name | replace('_', ' ')) -%}
  {%- if question.type == 'yes_no' -%}
    {%- set written = dbt_ai._yes_no_question(asked) -%}
  {%- elif question.type == 'choice' -%}
    {%- do dbt_ai._require_choices(external_model, 'ai_decide', 'choices of ' ~ name, question.choices) -%}
    {%- set asked = question.instructions or (asked if external_model.model_type == 'DECISIONS' else none) -%}
    {%- set written = dbt_ai._choice_question(question.choices, asked, external_model) -%}
  {%- else -%}
    {%- set digits = range(question.levels | length) | map('string') | list -%}
    {%- set written = dbt_ai._score_question(asked, question.levels, 0, question.levels | length - 1, digits) -%}
  {%- endif -%}
  {%- do written.update({'name': name}) -%}
  {%- if external_model.model_type == 'CHAT' -%}{%- do written.update({'messages': dbt_ai._decision_messages(written)}) -%}{%- endif -%}
  {{ return(written) }}
{%- endmacro %}

{% macro _decision_messages(question) -%}
  {%- if question.type == 'yes_no' -%}
    {{ return(dbt_ai.ai_filter_prompt(question.instructions)) }}
  {%- elif question.type == 'choice' -%}
    {{ return(dbt_ai.ai_classify_probabilities_prompt(question.choices, question.written, question.instructions, [])) }}
  {%- endif -%}
  {%- set shown = [] -%}
  {%- for level in question.levels -%}{%- do shown.append(loop.index0 ~ ' is ' ~ level) -%}{%- endfor -%}
  {{ return(dbt_ai.ai_score_prompt(question.instructions ~ ', where ' ~ shown | join(', '), question.written[0], question.written[-1])) }}
{%- endmacro %}

{% macro _decision_type(kind) -%}
  {%- if kind == 'yes_no' -%}{{ return('STRUCT<probability DOUBLE>') }}{%- endif -%}
  {{ return('STRUCT<' ~ ('choice STRING' if kind == 'choice' else 'score DOUBLE') ~ ', confidence DOUBLE, probabilities MAP<STRING, DOUBLE>>') }}
{%- endmacro %}
