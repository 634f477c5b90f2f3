{#- The HNSW index of DuckDB's vss extension can make a database unopenable (https://github.com/duckdb/duckdb-vss/issues/81). -#}
{% macro duckdb___require_vector_indexes() -%}
  {{ dbt_ai._unsupported('vector_index', 'AI034', 'an index inside the database can make it unopenable: leave vector_index out; ai_search compares every row here') }}
{%- endmacro %}
