{#- The functions that dbt_ai.engines.spark registers answer STRUCT(response, errorStatus); with fail_on_error they raise. -#}
{% macro spark___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions) -%}
  {#- A struct that is written here may be a conversation. -#}
  {%- set json = modules.re.match('(to_json|named_struct|struct)\\s*\\(', input | trim, modules.re.IGNORECASE) is not none -%}
  {%- set arguments = ['endpoint => ' ~ dbt_ai._string_literal(dbt_ai._runtime_model(function, external_model)), 'request => ' ~ dbt_ai._text_of(input)] -%}
  {%- set call = dbt_ai._call_json(function, parameters, messages, return_type, response_format, json=json, questions=questions) -%}
  {%- if call -%}{%- do arguments.append('call => ' ~ dbt_ai._string_literal(call)) -%}{%- endif -%}
  {%- if not fail_on_error -%}{%- do arguments.append('failOnError => false') -%}{%- endif -%}
  {%- set answer = 'ai_query(' ~ arguments | join(', ') ~ ')' -%}
  {%- set type = dbt_ai._parse_type(return_type) if return_type else none -%}
  {%- set type = none if dbt_ai._is_text(type) or type.kind == 'enum' else type -%}
  {%- if fail_on_error -%}
    {{ return(dbt_ai._spark_typed(answer ~ '.response', type)) }}
  {%- endif -%}
  {%- if type -%}
    {%- set answer = "element_at(transform(array(" ~ answer ~ "), answer -> named_struct('response', " ~ dbt_ai._spark_typed('answer.response', type) ~ ", 'errorStatus', answer.errorStatus)), 1)" -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(input, answer)) }}
{%- endmacro %}

{#- The runtime has checked the answer: nested types come as JSON, a scalar as text that casts. -#}
{% macro _spark_typed(text, type) %}
  {%- if not type -%}{{ return(text) }}
  {%- elif type.kind in ('struct', 'array', 'map') -%}
    {{ return('from_json(' ~ text ~ ', ' ~ dbt_ai._string_literal(dbt_ai._type_ddl(type)) ~ ')') }}
  {%- elif type.name == 'VARIANT' -%}{{ return('parse_json(' ~ text ~ ')') }}
  {%- endif -%}
  {{ return('cast(' ~ text ~ ' as ' ~ dbt_ai._type_ddl(type) ~ ')') }}
{% endmacro %}

{% macro spark___runs_functions() -%}
  {{ return(true) }}
{%- endmacro %}
