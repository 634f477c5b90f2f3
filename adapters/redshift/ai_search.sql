{% macro redshift__ai_search(search) -%}
  {{ dbt_ai._unsupported('ai_search', 'AI018', 'Redshift has no vector type: search on DuckDB or Postgres') }}
{%- endmacro %}
