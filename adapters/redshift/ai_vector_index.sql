{% macro redshift___require_vector_indexes() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI018', 'Redshift has no vector type: leave vector_index out') }}
{%- endmacro %}
