{#- https://trino.io/docs/current/functions/ai.html -#}
{% macro trino___needs_runtime(function) -%}
  {{ dbt_ai._unsupported(function, 'AI022', "its AI functions take no model, no schema and no embedding, since the catalog's properties fix the provider: run this model on DuckDB, Spark or Databend, or call Trino's ai_gen in SQL of your own") }}
{%- endmacro %}
