{#- Ask the runtime's catalog of external models, in the target database; see dbt_ai/engines/duckdb_catalog.py for the actions. -#}
{% macro _duckdb_catalog(action, arguments={}) %}
  {%- do dbt_ai._duckdb_require_plugin() -%}
  {%- set answer = fromjson(run_query("select dbt_ai_catalog(" ~ dbt_ai._string_literal(action) ~ ", " ~ dbt_ai._string_literal(tojson(arguments)) ~ ")").columns[0][0]) -%}
  {%- if answer.error is defined -%}
    {% do exceptions.raise_compiler_error(answer.error) %}
  {%- endif -%}
  {{ return(answer.result) }}
{% endmacro %}
