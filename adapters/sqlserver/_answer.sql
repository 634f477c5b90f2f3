{% macro sqlserver___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions) -%}
  {{ dbt_ai._unsupported(function, 'AI016', 'its external models embed only, and sp_invoke_external_rest_endpoint is a procedure, which no select can call: run this model on DuckDB and load its table') }}
{%- endmacro %}
