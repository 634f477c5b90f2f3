{#- Fabric Warehouse answers with a model of Microsoft's choice; a specification of the model is not used. -#}
{% macro fabric__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- if return_type or response_format or model_parameters -%}
    {{ dbt_ai._unsupported('ai_query with return_type, response_format or model_parameters', 'AI017', 'AI_GENERATE_RESPONSE takes a prompt only: leave them out, or run this model on DuckDB') }}
  {%- elif not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_query with fail_on_error=false', 'AI017', 'AI_GENERATE_RESPONSE names no error: leave it out, write AI_GENERATE_RESPONSE(… NULL ON ERROR) in SQL of your own, or run this model on DuckDB') }}
  {%- endif -%}
  {{ return(dbt_ai._fabric_call('AI_GENERATE_RESPONSE', request)) }}
{%- endmacro %}
