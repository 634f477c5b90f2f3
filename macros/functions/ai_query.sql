{% macro ai_query(endpoint, request, return_type=none, fail_on_error=true, model_parameters={}, response_format=none) -%}
  {%- do dbt_ai._require_constants('ai_query', fail_on_error, model_parameters) -%}
  {%- set external_model = dbt_ai._external_model(endpoint, 'CHAT', 'ai_query') -%}
  {%- set request = dbt_ai._request(request, as_json=external_model.looked_up) -%}
  {%- set return_type, response_format = dbt_ai._type_text('return_type', return_type), dbt_ai._type_text('response_format', response_format) -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_answer('ai_query', external_model, request, fail_on_error, model_parameters or {}, [], return_type, response_format)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_query', 'dbt_ai')(external_model, request, return_type, fail_on_error, model_parameters or {}, response_format)) }}
{%- endmacro %}

{#- Without a function of the warehouse's own: as the task functions are answered, by a function of the runtime or not at all. -#}
{% macro default__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {{ return(adapter.dispatch('_answer', 'dbt_ai')(
       'ai_query', external_model, request, fail_on_error, model_parameters, [], return_type, response_format, none)) }}
{%- endmacro %}
