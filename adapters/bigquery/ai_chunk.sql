{# Starts stop where a chunk would lie wholly inside the one before it. #}
{% macro bigquery__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set step = chunk_size - shared -%}
  cross join unnest(array(
    select as struct
      substr({{ text }}, start_at, {{ chunk_size }}) as chunk,
      cast((start_at - 1) / {{ step }} as int64) + 1 as chunk_order,
      cast(start_at as int64) as chunk_offset,
      length(substr({{ text }}, start_at, {{ chunk_size }})) as chunk_length
    from unnest(generate_array(1, greatest(length({{ text }}) - {{ shared }}, 1), {{ step }})) as start_at
    where length({{ text }}) > 0
  )) as {{ alias }}
{%- endmacro %}
