{% macro duckdb__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set call = dbt_ai._call('ai_embed', external_model, parameters) -%}
  {%- set described = dbt_ai._duckdb_describe(call, text) -%}
  {%- set type = 'FLOAT[' ~ (described.dimensions or '') ~ ']' -%}
  {%- if described.dimensions -%}{%- do call.update({'dimensions': described.dimensions}) -%}{%- endif -%}
  {{ return(dbt_ai._duckdb_function('embed' ~ described.suffix, call, text, type, fail_on_error)) }}
{%- endmacro %}
