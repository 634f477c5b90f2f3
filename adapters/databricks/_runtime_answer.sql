{#- No runtime here: the messages and the input are one prompt of the warehouse's own function. -#}
{% macro databricks___runtime_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format) -%}
  {{ return(dbt_ai.databricks__ai_query(external_model, dbt_ai._prompt(messages, input), return_type, fail_on_error, parameters, response_format)) }}
{%- endmacro %}

{% macro databricks___decision(function, external_model, input, fail_on_error, parameters, messages, return_type, questions) -%}
  {{ dbt_ai.default___decision(function, external_model, input, fail_on_error, parameters, messages, return_type, questions) }}
{%- endmacro %}
