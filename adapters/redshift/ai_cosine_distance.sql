{% macro redshift__ai_cosine_distance(left, right) -%}
  {{ dbt_ai._unsupported('ai_cosine_distance', 'AI018', 'Redshift has no vector type: compare vectors on DuckDB or Postgres') }}
{%- endmacro %}
