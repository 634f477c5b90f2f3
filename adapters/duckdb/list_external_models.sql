{% macro duckdb__list_external_models() %}
  {{ return(dbt_ai.default__list_external_models() if dbt_ai._duckdb_looks_up() else dbt_ai._duckdb_catalog('models')) }}
{% endmacro %}
