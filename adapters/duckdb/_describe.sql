{#- What the runtime knows of a call: {dimensions, suffix}. Raises the runtime's own sentence for a call that cannot work, or an input that is no SQL. -#}
{% macro _duckdb_describe(call, input) %}
  {%- do dbt_ai._duckdb_require_plugin() -%}
  {%- set described = fromjson(run_query("select dbt_ai_describe(" ~ dbt_ai._string_literal(tojson(call)) ~ ', ' ~ dbt_ai._string_literal(input) ~ ")").columns[0][0]) -%}
  {%- if described.error is defined -%}
    {% do exceptions.raise_compiler_error(described.error) %}
  {%- endif -%}
  {{ return(described) }}
{% endmacro %}
