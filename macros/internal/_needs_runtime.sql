{#- What only the dbt_ai runtime answers, on an engine that has neither it nor AI functions that we compile for. -#}
{% macro _needs_runtime(function) -%}
  {{ return(adapter.dispatch('_needs_runtime', 'dbt_ai')(function)) }}
{%- endmacro %}

{% macro default___needs_runtime(function) -%}
  {{ dbt_ai._unsupported(function, 'AI001', 'run this model on DuckDB, Spark or Databend, where the dbt_ai runtime answers it') }}
{%- endmacro %}
