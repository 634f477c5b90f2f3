{% macro duckdb__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set call = dbt_ai._duckdb_call('ai_query', external_model, model_parameters) -%}
  {%- do dbt_ai._duckdb_describe(call) -%}
  {{ return(dbt_ai._duckdb_answer('query', call, request, 'VARCHAR', fail_on_error)) }}
{%- endmacro %}
