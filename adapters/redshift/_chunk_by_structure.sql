{% macro redshift___chunk_by_structure(text, chunk_size, shared, alias, places, tokens_of) -%}
  {{ return(dbt_ai.redshift__ai_chunk(text, chunk_size, 0, alias)) }}
{%- endmacro %}
