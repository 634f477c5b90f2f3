{# Starts stop where a chunk would lie wholly inside the one before it. To find a character Postgres counts those before it, so chunks are cut from
   blocks and not from the whole text: of as many chunks each as there are blocks. #}
{% macro postgres__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set step = chunk_size - shared -%}
  cross join lateral (
    select
      substr(dbt_ai_block, dbt_ai_within + 1, {{ chunk_size }}) as chunk,
      cast((dbt_ai_start + dbt_ai_within) / {{ step }} as bigint) + 1 as chunk_order,
      cast(dbt_ai_start + dbt_ai_within as bigint) + 1 as chunk_offset,
      length(substr(dbt_ai_block, dbt_ai_within + 1, {{ chunk_size }})) as chunk_length
    from (
      select {{ text }} as dbt_ai_body, greatest(length({{ text }}) - {{ shared }}, 1) as dbt_ai_end,
        {{ step }} * cast(ceil(sqrt(length({{ text }}) / {{ step }}.0)) as bigint) as dbt_ai_length
      where length({{ text }}) > 0
      offset 0
    ) as dbt_ai_text
    cross join lateral generate_series(0, dbt_ai_end - 1, dbt_ai_length) as dbt_ai_starts(dbt_ai_start)
    cross join lateral (select substr(dbt_ai_body, cast(dbt_ai_start as int) + 1, cast(least(dbt_ai_length + {{ shared }}, 1000000000) as int)) as dbt_ai_block offset 0) as dbt_ai_blocks
    cross join lateral generate_series(0, cast(least(dbt_ai_length, dbt_ai_end - dbt_ai_start) as int) - 1, {{ step }}) as dbt_ai_places(dbt_ai_within)
  ) as {{ alias }}
{%- endmacro %}
