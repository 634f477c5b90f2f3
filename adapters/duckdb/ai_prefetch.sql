{% macro duckdb__ai_prefetch() -%}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.default__ai_prefetch()) }}
  {%- endif -%}
  {%- if execute and sql is defined and sql -%}
    {%- do dbt_ai._duckdb_require_contract(sql) -%}
    {%- set plan = dbt_ai._duckdb_plan(sql) -%}
    {%- do dbt_ai._go_on_after_plan(plan) -%}
    {%- if is_incremental() -%}
      {%- do dbt_ai._duckdb_refuse_mixed_dimensions(sql) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
