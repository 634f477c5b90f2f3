{# Cuts a text into rows of at most `chunk_size` characters, each starting `overlap` percent before the end of the last.
   A join: `from {{ ref('docs') }} as docs {{ dbt_ai.ai_chunk('docs.body', 1000, overlap=10) }}` adds the columns chunk, chunk_order
   and chunk_offset (from 1) and chunk_length of SQL Server's AI_GENERATE_CHUNKS, under `alias`. A NULL or empty text has no chunks.
   by='paragraphs' ends chunks there; tokens_of=ref('embedder') counts its tokens in the place of characters. #}
{% macro ai_chunk(text, chunk_size, overlap=0, alias='chunk', by=none, tokens_of=none) -%}
  {%- do dbt_ai._require_expression('ai_chunk', 'text', text) -%}
  {%- set counted = 'characters' if tokens_of is none else 'tokens' -%}
  {%- if chunk_size is not integer or chunk_size is boolean or chunk_size < 1 -%}
    {{ exceptions.raise_compiler_error("ai_chunk: chunk_size is " ~ chunk_size ~ "; give the number of " ~ counted ~ ", 1 or more") }}
  {%- elif chunk_size > 1000000000 -%}
    {{ exceptions.raise_compiler_error("ai_chunk: chunk_size is " ~ chunk_size ~ "; give at most 1000000000 " ~ counted) }}
  {%- elif overlap is not integer or overlap is boolean or overlap < 0 or overlap > 50 -%}
    {{ exceptions.raise_compiler_error("ai_chunk: overlap is " ~ overlap ~ "; give the percentage of chunk_size, 0 to 50") }}
  {%- elif by is not none and by not in dbt_ai._chunk_places() -%}
    {{ exceptions.raise_compiler_error("ai_chunk: by is '" ~ by ~ "'; chunks end at " ~ dbt_ai._chunk_places() | join(', ') ~ ", or anywhere without by") }}
  {%- endif -%}
  {%- if by is none and tokens_of is none -%}
    {{ return(adapter.dispatch('ai_chunk', 'dbt_ai')(text, chunk_size, overlap, alias)) }}
  {%- endif -%}
  {%- set places = dbt_ai._chunk_places()[dbt_ai._chunk_places().index(by):] if by is not none else [] -%}
  {{ return(adapter.dispatch('_chunk_by_structure', 'dbt_ai')(text, chunk_size, chunk_size * overlap // 100, alias, places, tokens_of)) }}
{%- endmacro %}

{% macro default__ai_chunk(text, chunk_size, overlap, alias) -%}
  {{ dbt_ai._unsupported('ai_chunk', 'AI001', 'cut the texts on DuckDB, Spark, Databend, Postgres, SQL Server, Snowflake or BigQuery') }}
{%- endmacro %}

{% macro default___chunk_by_structure(text, chunk_size, shared, alias, places, tokens_of) -%}
  {{ dbt_ai._unsupported('ai_chunk with by or tokens_of', 'AI035', 'leave both out, or cut the texts on DuckDB with the plugin, or by structure on Postgres, Spark or Databricks') }}
{%- endmacro %}

{#- Where a chunk may end, the best place first. Each stands for itself and those after it. -#}
{% macro _chunk_places() -%}
  {{ return(['headings', 'paragraphs', 'sentences', 'words']) }}
{%- endmacro %}

{#- The patterns of dbt_ai/chunks.py: what ends in a place. -#}
{% macro _chunk_ends() -%}
  {{ return({
    'headings': '\\n(?=#{1,6} )',
    'paragraphs': '\\n[ \\t\\r]*\\n',
    'sentences': '(?:[.!?…]["\')”’»]*[ \\t\\r\\n]|[。！？])',
    'words': '[ \\t\\r\\n]'}) }}
{%- endmacro %}
