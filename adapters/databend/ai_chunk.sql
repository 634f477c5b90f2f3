{# Starts stop where a chunk would lie wholly inside the one before it. #}
{% macro databend__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set step = chunk_size - shared -%}
  cross join lateral (
    select
      substr({{ text }}, start_at, {{ chunk_size }}) as chunk,
      cast((start_at - 1) div {{ step }} as bigint) + 1 as chunk_order,
      cast(start_at as bigint) as chunk_offset,
      length(substr({{ text }}, start_at, {{ chunk_size }})) as chunk_length
    from (select unnest(range(1, case when length({{ text }}) > 0 then greatest(length({{ text }}) - {{ shared }}, 1) else 0 end + 1, {{ step }})) as start_at) as starts
  ) as {{ alias }}
{%- endmacro %}
