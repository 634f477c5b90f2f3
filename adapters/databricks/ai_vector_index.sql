{% macro databricks___vector_index_types() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI034', 'Databricks makes a vector search index through its API and no SQL statement does: leave vector_index out, make a Delta Sync index of this table there, and read it with the function vector_search; ai_search compares every row') }}
{%- endmacro %}
