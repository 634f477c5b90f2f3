{% macro redshift___vector_index_types() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI018', 'Redshift has no vector type: leave vector_index out') }}
{%- endmacro %}
