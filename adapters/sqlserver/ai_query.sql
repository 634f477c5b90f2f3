{% macro sqlserver__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {{ dbt_ai._unsupported('ai_query', 'AI016', 'its external models embed only, and sp_invoke_external_rest_endpoint is a procedure, which no select can call: run this model on DuckDB and load its table') }}
{%- endmacro %}
