{% macro redshift__ai_dedupe(dedupe) -%}
  {{ dbt_ai._unsupported('ai_dedupe', 'AI018', 'Redshift has no vector type: dedupe on DuckDB or Postgres') }}
{%- endmacro %}
