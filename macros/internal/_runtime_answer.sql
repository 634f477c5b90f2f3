{#- The SQL expression of one call that the dbt_ai runtime answers, by a look-up or by a function of the engine. ai_query and the task functions are
    written over this.
    input: SQL expression. messages: constant chat messages that come before it. return_type, response_format: text or none. -#}
{% macro _runtime_answer(function, external_model, input, fail_on_error=true, parameters={}, messages=[], return_type=none, response_format=none) -%}
  {%- do dbt_ai._require_constants(function, fail_on_error, parameters) -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('_runtime_answer', 'dbt_ai')(
       function, external_model, input, fail_on_error, parameters, messages, return_type, response_format)) }}
{%- endmacro %}

{% macro default___runtime_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format) -%}
  {{ dbt_ai._needs_runtime(function) }}
{%- endmacro %}
