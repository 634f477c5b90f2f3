{#- https://clickhouse.com/docs/reference/functions/regular-functions/ai-functions -#}
{% macro clickhouse___needs_runtime(function) -%}
  {{ dbt_ai._unsupported(function, 'AI023', 'its aiGenerate (26.4) and aiEmbed (26.6) are experimental and name no error: run this model on DuckDB, Spark or Databend, or set allow_experimental_ai_functions and call them in SQL of your own') }}
{%- endmacro %}
