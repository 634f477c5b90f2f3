{% materialization ai_table, adapter='duckdb' %}
  {% do dbt_ai._duckdb_plan(sql) %}
  {{ return(materialization_table_duckdb()) }}
{% endmaterialization %}
