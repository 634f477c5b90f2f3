{#- The SQL expression of one call, whoever answers it: a look-up of what the runtime stored, one of the runtime's own functions, or the
    warehouse's ai_query with one prompt. The task functions are written over this.
    input: SQL expression. messages: constant chat messages that come before it. return_type, response_format: text or none.
    questions: what is answered with probabilities, as _question.sql writes it. effort: when a proxy may answer, as _effort.sql writes it. -#}
{% macro _answer(function, external_model, input, fail_on_error=true, parameters={}, messages=[], return_type=none, response_format=none, questions=none, effort=none) -%}
  {%- do dbt_ai._require_constants(function, fail_on_error, parameters) -%}
  {%- set messages = [] if external_model.model_type == 'DECISIONS' else messages -%}  {#- which reads questions only -#}
  {%- if effort is not none -%}
    {{ return(dbt_ai._effort_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, effort)) }}
  {%- elif external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions)) }}
  {%- elif (questions or external_model.model_type == 'RERANKING') and not adapter.dispatch('_runs_functions', 'dbt_ai')() -%}
    {{ dbt_ai._unsupported(function, 'AI040', "its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model") }}
  {%- endif -%}
  {{ return(adapter.dispatch('_answer', 'dbt_ai')(
       function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions)) }}
{%- endmacro %}

{% macro default___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions) -%}
  {{ dbt_ai._needs_runtime(function) }}
{%- endmacro %}

{#- Whether the runtime enters this engine, so that SQL may call its functions. -#}
{% macro default___runs_functions() -%}
  {{ return(false) }}
{%- endmacro %}
