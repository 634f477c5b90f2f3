{#- The plugin cuts, with the tokenizer of the embedder where tokens are counted. -#}
{% macro duckdb___chunk_by_structure(text, chunk_size, shared, alias, places, tokens_of) -%}
  {%- if not execute -%}{{ return('cross join (select null as chunk) as ' ~ alias) }}{%- endif -%}
  {%- if dbt_ai._is_looked_up('ai_embed', {'literal': false}) -%}
    {{ return(dbt_ai.default___chunk_by_structure(text, chunk_size, shared, alias, places, tokens_of)) }}
  {%- endif -%}
  {%- do dbt_ai._duckdb_require_plugin() -%}
  {%- if model is defined and model.config is defined and model.config.materialized == 'view' -%}
    {% do exceptions.warn('AI024: ' ~ model.unique_id ~ " is a view that cuts texts: outside dbt it cannot be read, because the function that cuts lives in dbt's process;"
         ~ " use materialized='table'") %}
  {%- endif -%}
  {%- set cut = {'size': chunk_size, 'shared': shared, 'places': places} -%}
  {%- if tokens_of is not none -%}
    {%- set call = dbt_ai._call('ai_embed', dbt_ai._external_model(tokens_of, 'EMBEDDINGS', 'ai_chunk')) -%}
    {%- do cut.update({'call': call}) -%}
    {%- set read = fromjson(run_query('select dbt_ai_reads(' ~ dbt_ai._string_literal(tojson(call)) ~ ')').columns[0][0]) -%}
    {%- if read.error is defined -%}
      {% do exceptions.raise_compiler_error(read.error) %}
    {%- elif read.reads is not none and chunk_size > read.reads -%}
      {% do exceptions.raise_compiler_error('ai_chunk: chunk_size is ' ~ chunk_size ~ " and '" ~ call.model.name ~ "' reads " ~ read.reads ~ ' tokens of a text; give at most ' ~ read.reads) %}
    {%- endif -%}
  {%- endif %}
  cross join lateral (
    select unnest(dbt_ai_chunks(cast({{ text }} as varchar), {{ dbt_ai._string_literal(tojson(cut)) }}), recursive := true)
  ) as {{ alias }}
{%- endmacro %}
