{#- Fabric Warehouse answers with a model of Microsoft's choice, NULL where it cannot; a specification of the model is not used. -#}
{% macro fabric__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- if return_type or response_format or model_parameters -%}
    {{ dbt_ai._unsupported('ai_query with return_type, response_format or model_parameters', 'AI017', 'AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB') }}
  {%- elif not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_query with fail_on_error=false', 'AI017', 'AI_GENERATE_RESPONSE answers NULL where it cannot and names no error: leave it out and test for NULL, or run this model on DuckDB') }}
  {%- endif -%}
  AI_GENERATE_RESPONSE({{ request }})
{%- endmacro %}
