{% macro duckdb__ai_prefetch() -%}
  {%- if execute and sql is defined and sql -%}
    {% do dbt_ai._duckdb_plan(sql) %}
  {%- endif -%}
{%- endmacro %}
