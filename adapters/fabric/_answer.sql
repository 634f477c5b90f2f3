{#- Functions that have no form of their own are a prompt, which cannot promise a type. -#}
{% macro fabric___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions) -%}
  {%- if return_type or response_format -%}
    {{ dbt_ai._unsupported(function, 'AI017', 'AI_GENERATE_RESPONSE takes a prompt and promises no type: run this model on DuckDB') }}
  {%- endif -%}
  {{ return(dbt_ai.fabric__ai_query(external_model, dbt_ai._prompt(messages, input), none, fail_on_error, parameters, none)) }}
{%- endmacro %}
