{% macro databend__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {{ return(dbt_ai.databend___runtime_answer('ai_query', external_model, request, fail_on_error, model_parameters, [], return_type, response_format)) }}
{%- endmacro %}
