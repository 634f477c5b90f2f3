{% macro ai_query(endpoint, request, return_type=none, fail_on_error=true, model_parameters={}, response_format=none) -%}
  {%- do dbt_ai._require_constants('ai_query', fail_on_error, model_parameters) -%}
  {{ return(adapter.dispatch('ai_query', 'dbt_ai')(
       dbt_ai._external_model(endpoint, 'CHAT'), dbt_ai._request(request), dbt_ai._type_text('return_type', return_type),
       fail_on_error, model_parameters or {}, dbt_ai._type_text('response_format', response_format))) }}
{%- endmacro %}

{% macro default__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {{ dbt_ai._needs_runtime('ai_query') }}
{%- endmacro %}
