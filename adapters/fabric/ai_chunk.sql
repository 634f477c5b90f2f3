{# Starts stop where a chunk would lie wholly inside the one before it. LEN does not count trailing blanks, hence the dot. #}
{% macro fabric__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set uncut = dbt_ai._uncut(text) -%}
  {%- set step = chunk_size - shared -%}
  cross apply (
    select
      substring({{ text }}, starts.value, {{ chunk_size }}) as chunk,
      cast((starts.value - 1) / {{ step }} as bigint) + 1 as chunk_order,
      cast(starts.value as bigint) as chunk_offset,
      len(substring({{ uncut }}, starts.value, {{ chunk_size }}) + '.') - 1 as chunk_length
    from GENERATE_SERIES(1, greatest(len({{ uncut }} + '.') - 1 - {{ shared }}, 1), {{ step }}) as starts
    where len({{ uncut }} + '.') > 1
  ) as {{ alias }}
{%- endmacro %}
