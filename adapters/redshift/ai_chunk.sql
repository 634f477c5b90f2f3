{% macro redshift__ai_chunk(text, chunk_size, overlap, alias) -%}
  {{ dbt_ai._unsupported('ai_chunk', 'AI018', 'Redshift has no lateral join: cut the texts before they are loaded, or on DuckDB') }}
{%- endmacro %}
