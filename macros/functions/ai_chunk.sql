{# Cuts a text into rows of at most `chunk_size` characters, each starting `overlap` percent before the end of the last.
   A join: `from {{ ref('docs') }} as docs {{ dbt_ai.ai_chunk('docs.body', 1000, overlap=10) }}` adds the columns chunk, chunk_order
   and chunk_offset (from 1) and chunk_length of SQL Server's AI_GENERATE_CHUNKS, under `alias`. A NULL or empty text has no chunks. #}
{% macro ai_chunk(text, chunk_size, overlap=0, alias='chunk') -%}
  {%- if chunk_size is not integer or chunk_size < 1 -%}
    {{ exceptions.raise_compiler_error("ai_chunk: chunk_size is " ~ chunk_size ~ "; give the number of characters, 1 or more") }}
  {%- elif overlap is not integer or overlap < 0 or overlap > 50 -%}
    {{ exceptions.raise_compiler_error("ai_chunk: overlap is " ~ overlap ~ "; give the percentage of chunk_size, 0 to 50") }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_chunk', 'dbt_ai')(text, chunk_size, overlap, alias)) }}
{%- endmacro %}

{% macro default__ai_chunk(text, chunk_size, overlap, alias) -%}
  {{ dbt_ai._unsupported('ai_chunk', 'AI001', 'cut the texts on DuckDB, Spark, Databend, Postgres, SQL Server, Snowflake or BigQuery') }}
{%- endmacro %}
