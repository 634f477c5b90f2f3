{# Starts stop where a chunk would lie wholly inside the one before it. SPLIT_TEXT_RECURSIVE_CHARACTER is not used: it cuts at separators, so its rows would differ from every other engine's. #}
{% macro snowflake__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set step = chunk_size - shared -%}
  cross join lateral (
    select
      substr({{ text }}, starts.value, {{ chunk_size }}) as chunk,
      cast((starts.value - 1) / {{ step }} as bigint) + 1 as chunk_order,
      cast(starts.value as bigint) as chunk_offset,
      length(substr({{ text }}, starts.value, {{ chunk_size }})) as chunk_length
    from table(flatten(input => array_generate_range(1, greatest(length({{ text }}) - {{ shared }}, 1) + 1, {{ step }}))) as starts
    where length({{ text }}) > 0
  ) as {{ alias }}
{%- endmacro %}
