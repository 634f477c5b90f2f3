{#- The SQL expression for one call: the answer as `type`, or with fail_on_error=false the struct of answer and error.
    nested: the answer is JSON text, which only a cast by way of JSON reads. -#}
{% macro _duckdb_function(function, call, input, type, fail_on_error, nested=false) %}
  {%- set by_way_of = 'JSON' -%}
  {%- if not fail_on_error -%}
    {%- set type = 'STRUCT(response ' ~ type ~ ', "errorStatus" VARCHAR)' -%}
    {%- set by_way_of = 'STRUCT(response JSON, "errorStatus" VARCHAR)' -%}
  {%- endif -%}
  {%- if flags.EMPTY -%}
    {#- DuckDB folds a call on a constant while it plans, even under `limit 0`. -#}
    {{ return('cast(null as ' ~ type ~ ')') }}
  {%- endif -%}
  {%- set prefix = 'dbt_ai_' if fail_on_error else 'dbt_ai_try_' -%}
  {%- set invoked = dbt_ai._duckdb_invoke(prefix ~ function, call, input) -%}
  {%- if nested -%}
    {%- set invoked = 'cast(' ~ invoked ~ ' as ' ~ by_way_of ~ ')' -%}
  {%- endif -%}
  {{ return('cast(' ~ invoked ~ ' as ' ~ type ~ ')') }}
{% endmacro %}

{#- Who is asking: the node that runs, and where nobody has said so, the node whose text this is. -#}
{% macro _duckdb_invoke(name, call, input) -%}
  {%- set node = model.unique_id if model is defined and model.unique_id is defined else '' -%}
  {%- set format = "' || case when " ~ dbt_ai.duckdb___is_nested('(' ~ input ~ ')') ~ " then 'json' else 'text' end || '" -%}
  {%- set constant = dbt_ai._string_literal(tojson(call)) | replace('"request_format": "by type"', '"request_format": "' ~ format ~ '"') -%}
  {{ return(name ~ '(' ~ constant ~ ', ' ~ dbt_ai._text_of(input) ~ ", coalesce(getvariable('dbt_ai_node'), " ~ dbt_ai._string_literal(node) ~ '))') }}
{%- endmacro %}
