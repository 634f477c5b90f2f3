{% macro fabric___with_row_states(sql, source) %}
  {{ return(dbt_ai.sqlserver___with_row_states(sql, source)) }}
{% endmacro %}
