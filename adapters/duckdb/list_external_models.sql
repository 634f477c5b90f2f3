{% macro duckdb__list_external_models() %}
  {{ return(dbt_ai._duckdb_catalog('models')) }}
{% endmacro %}
