{#- A handler of `dbt-ai serve`. A typed answer and one with its error are VARIANT: answer:label, answer:response, answer:errorStatus. -#}
{% macro databend___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions) -%}
  {%- if 'struct(*)' in input | replace(' ', '') -%}
    {{ dbt_ai._unsupported(function ~ " of 'struct(*)'", 'AI026', 'name the columns with ai_struct(…), since Databend has no struct of every column') }}
  {%- endif -%}
  {%- set model = dbt_ai._runtime_model(function, external_model) -%}
  {%- set call = dbt_ai._call_json(function, parameters, messages, return_type, response_format, fail_on_error, json='json_object_keep_null(' in input[:80], questions=questions) -%}
  {%- if not call -%}{{ return(model ~ '(' ~ input ~ ')') }}{%- endif -%}
  {%- set answer = model ~ '__call(' ~ dbt_ai._string_literal(call) ~ ', ' ~ input ~ ')' -%}
  {%- if not fail_on_error -%}{{ return(answer) }}{%- endif -%}
  {%- set type = dbt_ai._parse_type(return_type) if return_type else none -%}
  {%- set sql_type = dbt_ai._databend_type(type) -%}
  {{ return(answer if sql_type == 'variant' else 'cast(' ~ answer ~ ' as ' ~ sql_type ~ ')') }}
{%- endmacro %}

{% macro _databend_type(type) %}
  {%- if dbt_ai._is_text(type) or type.kind == 'enum' -%}{{ return('string') }}
  {%- elif type.kind == 'decimal' -%}{{ return('decimal(' ~ type.precision ~ ', ' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'array' and type.element.kind in ('scalar', 'enum') and type.element.name != 'VARIANT' -%}{{ return('array(' ~ dbt_ai._databend_type(type.element) ~ ')') }}
  {%- elif type.kind == 'scalar' -%}
    {{ return({'TIMESTAMP_NTZ': 'timestamp'}.get(type.name, type.name | lower)) }}
  {%- endif -%}
  {{ return('variant') }}
{% endmacro %}

{% macro databend___runs_functions() -%}
  {{ return(true) }}
{%- endmacro %}
