{# Starts stop where a chunk would lie wholly inside the one before it. #}
{% macro postgres__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set step = chunk_size - shared -%}
  cross join lateral (
    select
      substr({{ text }}, starts.start_at, {{ chunk_size }}) as chunk,
      cast((starts.start_at - 1) / {{ step }} as bigint) + 1 as chunk_order,
      cast(starts.start_at as bigint) as chunk_offset,
      length(substr({{ text }}, starts.start_at, {{ chunk_size }})) as chunk_length
    from generate_series(1, greatest(length({{ text }}) - {{ shared }}, 1), {{ step }}) as starts(start_at)
    where length({{ text }}) > 0
  ) as {{ alias }}
{%- endmacro %}
