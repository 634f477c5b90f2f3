{% macro redshift__ai_join(join) -%}
  {{ dbt_ai._unsupported('ai_join', 'AI018', 'Redshift has no vector type: join on DuckDB or Postgres') }}
{%- endmacro %}
