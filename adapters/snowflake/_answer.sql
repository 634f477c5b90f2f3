{#- No runtime here: the messages and the input are one prompt of the warehouse's own function. -#}
{% macro snowflake___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions) -%}
  {{ return(dbt_ai.snowflake__ai_query(external_model, dbt_ai._prompt(messages, input), return_type, fail_on_error, parameters, response_format)) }}
{%- endmacro %}
