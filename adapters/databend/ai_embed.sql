{#- ARRAY(FLOAT), which every version of Databend has and the distance functions take; cast it to VECTOR(n) for an index. -#}
{% macro databend__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- set model = dbt_ai._runtime_model('ai_embed', external_model) -%}
  {%- set call = dbt_ai._call_json('ai_embed', parameters, fail_on_error=fail_on_error) -%}
  {%- if not call -%}{{ return(model ~ '(' ~ text ~ ')') }}{%- endif -%}
  {%- set answer = model ~ '__call(' ~ dbt_ai._string_literal(call) ~ ', ' ~ text ~ ')' -%}
  {{ return('cast(' ~ answer ~ ' as array(float))' if fail_on_error else answer) }}
{%- endmacro %}
