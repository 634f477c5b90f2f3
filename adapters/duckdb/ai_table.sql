{% materialization ai_table, adapter='duckdb' %}
  {%- if dbt_ai._duckdb_looks_up() -%}
    {{ return(dbt_ai.materialization_ai_table_default()) }}
  {%- endif -%}
  {%- set hooks = dbt_ai._hooks_with_index(post_hooks) -%}
  {%- if not pre_hooks -%}  {#- which may make what the SQL reads, and run with the table below -#}
    {%- do dbt_ai._duckdb_require_contract(sql) -%}
  {%- endif -%}
  {%- set plan = dbt_ai._duckdb_plan(sql) -%}
  {%- if plan.state == 'estimated' -%}
    {%- do dbt_ai._store_estimate(plan) -%}
    {{ return({'relations': []}) }}
  {%- endif -%}
  {%- do context.update({'post_hooks': hooks}) -%}
  {%- set built = materialization_table_duckdb() -%}
  {%- set rows = run_query('select count(*) from ' ~ built.relations[0]).columns[0][0] -%}
  {% do store_raw_result('main', message='SELECT ' ~ rows, code='SELECT', rows_affected=rows | string) %}
  {%- do dbt_ai._tell_counts() -%}
  {{ return(built) }}
{% endmaterialization %}
