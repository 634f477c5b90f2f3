{#- Fabric's functions take a text and name no error; the model is Microsoft's. -#}
{% macro _fabric_require_plain(function, fail_on_error, model_parameters) %}
  {%- if not fail_on_error or model_parameters -%}
    {{ dbt_ai._unsupported(function ~ ' with fail_on_error=false or model_parameters', 'AI017', 'the function names no error and takes no parameters: leave them out, or run this model on DuckDB') }}
  {%- endif -%}
{% endmacro %}
