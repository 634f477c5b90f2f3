{#- Ordered by content, so that the order of rows decides neither the answer nor its key. -#}
{% macro duckdb___aggregated(function, external_model, content, messages, fail_on_error, model_parameters) -%}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set call = dbt_ai._call(function, external_model, model_parameters, {'messages': messages, 'request_format': 'texts'}) -%}
  {%- do dbt_ai._duckdb_describe(call, content) -%}
  {%- set text = 'cast(' ~ content ~ ' as varchar)' -%}
  {%- set texts = 'to_json(list(' ~ text ~ ' order by ' ~ text ~ ') filter (where ' ~ text ~ ' is not null))' -%}
  {{ return(dbt_ai._duckdb_function('query', call, texts, 'VARCHAR', fail_on_error)) }}
{%- endmacro %}
