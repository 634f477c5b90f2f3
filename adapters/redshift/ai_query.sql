{#- The function that create_external_model made. Bedrock's unified request spells max_tokens as maxtokens, case-sensitively. -#}
{% macro redshift__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set instead = 'a Bedrock function answers text and raises: ' -%}
  {%- if return_type or response_format -%}
    {{ dbt_ai._unsupported('ai_query with return_type or response_format', 'AI018', instead ~ 'ask for JSON in the prompt and read it with json_parse, or run this model on DuckDB') }}
  {%- elif not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_query with fail_on_error=false', 'AI018', instead ~ 'leave it out, or run this model on DuckDB') }}
  {%- elif external_model.literal -%}
    {{ dbt_ai._unsupported('ai_query with a model given as a string', 'AI018', "a model is a function there: give ref('…') of an external model") }}
  {%- endif -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- set names = {'max_tokens': 'maxtokens', 'top_p': 'topp', 'stop': 'stopsequences'} -%}
  {%- set constants = [] -%}
  {%- for name, value in parameters.items() -%}
    {%- do constants.append(dbt_ai._string_literal(names.get(name, name)) ~ ', ' ~ dbt_ai._redshift_constant(value)) -%}
  {%- endfor -%}
  {{ external_model.identifier }}({{ request }}{% if constants %}, object({{ constants | join(', ') }}){% endif %})
{%- endmacro %}

{% macro _redshift_constant(value) %}
  {%- if value is string -%}{{ return(dbt_ai._string_literal(value)) }}
  {%- elif value is boolean or value is number -%}{{ return(value | string | lower) }}
  {%- endif -%}
  {%- set elements = [] -%}
  {%- for element in value -%}{%- do elements.append(dbt_ai._redshift_constant(element)) -%}{%- endfor -%}
  {{ return('array(' ~ elements | join(', ') ~ ')') }}
{% endmacro %}
