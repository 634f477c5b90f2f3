{% macro duckdb__ai_prefetch() -%}
  {%- if execute and sql is defined and sql -%}
    {% do dbt_ai._duckdb_plan(sql) %}
    {%- if is_incremental() -%}
      {%- do dbt_ai._duckdb_refuse_mixed_dimensions(sql) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
