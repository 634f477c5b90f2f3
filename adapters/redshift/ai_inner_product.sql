{% macro redshift__ai_inner_product(left, right) -%}
  {{ dbt_ai._unsupported('ai_inner_product', 'AI018', 'Redshift has no vector type: compare vectors on DuckDB or Postgres') }}
{%- endmacro %}
