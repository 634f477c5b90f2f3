{#- A string names a model of the database, and on DuckDB those are in the catalog. -#}
{% macro _duckdb_call(function, external_model, parameters={}, extra={}) %}
  {%- if external_model.literal -%}
    {%- set external_model = dbt_ai._mock_model(external_model.name, external_model.model_type) if dbt_ai._in_unit_test()
          else dbt_ai._duckdb_catalog('specification', {'schema': target.schema, 'name': external_model.name}) -%}
  {%- endif -%}
  {{ return(dbt_ai._call(function, external_model, parameters, extra)) }}
{% endmacro %}

{#- What the runtime knows of a call: {dimensions, suffix}. Raises the runtime's own sentence for a call that cannot work. -#}
{% macro _duckdb_describe(call) %}
  {%- do dbt_ai._duckdb_require_plugin() -%}
  {%- set described = fromjson(run_query("select dbt_ai_describe(" ~ dbt_ai._string_literal(tojson(call)) ~ ")").columns[0][0]) -%}
  {%- if described.error is defined -%}
    {% do exceptions.raise_compiler_error(described.error) %}
  {%- endif -%}
  {{ return(described) }}
{% endmacro %}

{#- Who is asking: the node that runs, and where nobody has said so, the node whose text this is. -#}
{% macro _duckdb_invoke(name, call, input) -%}
  {%- set node = model.unique_id if model is defined and model.unique_id is defined else '' -%}
  {%- set format = "' || case when " ~ dbt_ai.duckdb___is_nested('(' ~ input ~ ')') ~ " then 'json' else 'text' end || '" -%}
  {%- set constant = dbt_ai._string_literal(tojson(call)) | replace('"request_format": "by type"', '"request_format": "' ~ format ~ '"') -%}
  {{ return(name ~ '(' ~ constant ~ ', ' ~ dbt_ai._text_of(input) ~ ", coalesce(getvariable('dbt_ai_node'), " ~ dbt_ai._string_literal(node) ~ '))') }}
{%- endmacro %}
