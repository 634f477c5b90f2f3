{#- The SQL expression of one call that the dbt_ai runtime answers, by a look-up or by a function of the engine. ai_query and the task functions are
    written over this.
    input: SQL expression. messages: constant chat messages that come before it. return_type, response_format: text or none.
    questions: what is answered with probabilities, as _question.sql writes it. effort: when a proxy may answer, as _effort.sql writes it. -#}
{% macro _runtime_answer(function, external_model, input, fail_on_error=true, parameters={}, messages=[], return_type=none, response_format=none, questions=none, effort=none) -%}
  {%- do dbt_ai._require_constants(function, fail_on_error, parameters) -%}
  {%- set messages = [] if external_model.model_type == 'DECISIONS' else messages -%}  {#- which reads questions only -#}
  {%- if effort is not none -%}
    {{ return(adapter.dispatch('_effort_answer', 'dbt_ai')(function, external_model, input, fail_on_error, parameters, messages, return_type, effort)) }}
  {%- elif external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions)) }}
  {%- elif questions or external_model.model_type == 'RERANKING' -%}
    {{ return(adapter.dispatch('_decision', 'dbt_ai')(function, external_model, input, fail_on_error, parameters, messages, return_type, questions)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('_runtime_answer', 'dbt_ai')(
       function, external_model, input, fail_on_error, parameters, messages, return_type, response_format)) }}
{%- endmacro %}

{% macro default___runtime_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format) -%}
  {{ dbt_ai._needs_runtime(function) }}
{%- endmacro %}

{#- The same for questions whose answers are probabilities. Warehouses give a text where they have functions of their own. -#}
{% macro default___decision(function, external_model, input, fail_on_error, parameters, messages, return_type, questions) -%}
  {{ dbt_ai._unsupported(function, 'AI040', "its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model") }}
{%- endmacro %}
