{#- The places are those of dbt_ai/chunks.py, with the same patterns. The end of a chunk is the last place within reach, from the end of the one before
    on; the next one starts with the first sentence or word in what it may repeat. Where a step looks at the text stands on one page, as
    adapters/postgres/ai_chunk.sql has blocks: dbt_ai_first is the position of the page's first character. -#}
{% macro postgres___chunk_by_structure(text, chunk_size, shared, alias, places, tokens_of) -%}
  {%- if tokens_of is not none -%}
    {{ dbt_ai._unsupported('ai_chunk with tokens_of', 'AI035', 'leave tokens_of out, and give chunk_size in characters') }}
  {%- endif -%}
  {%- set ends = dbt_ai._chunk_ends() -%}
  {%- set window = 'substr(dbt_ai_page, dbt_ai_end - dbt_ai_first + 1, dbt_ai_start + ' ~ chunk_size ~ ' - dbt_ai_end)' -%}
  {%- set tail = "rtrim(substr(dbt_ai_page, dbt_ai_earliest - dbt_ai_first + 1, dbt_ai_end - dbt_ai_earliest), E' \\t\\r\\n')" %}
  cross join lateral (
    with recursive dbt_ai_sized as materialized (
      select dbt_ai_body, length(dbt_ai_body) as dbt_ai_length, least({{ chunk_size }}, length(dbt_ai_body)) as dbt_ai_size
      from (select cast({{ text }} as text) as dbt_ai_body) as dbt_ai_text
      where length(dbt_ai_body) > 0
    ),
    dbt_ai_paged as materialized (
      select dbt_ai_length, dbt_ai_turned, array(
        select substr(dbt_ai_body, dbt_ai_at + 1, dbt_ai_turned + 2 * dbt_ai_size) from generate_series(0, dbt_ai_length, dbt_ai_turned) as dbt_ai_at order by dbt_ai_at
      ) as dbt_ai_pages
      from (select dbt_ai_sized.*, dbt_ai_size * cast(ceil(sqrt(dbt_ai_length / dbt_ai_size)) as int) as dbt_ai_turned from dbt_ai_sized) as dbt_ai_turning
    ),
    dbt_ai_cuts as (
      select 0 as dbt_ai_start, 0 as dbt_ai_end, 0 as dbt_ai_order
      union all
      select dbt_ai_start,
        case when dbt_ai_start + {{ chunk_size }} >= dbt_ai_length then dbt_ai_length else dbt_ai_end + coalesce(
          {%- for place in places %}length(substring({{ window }} from {{ dbt_ai._string_literal('^.*' ~ ends[place]) }})), {% endfor -%}
          length({{ window }})) end,
        dbt_ai_order + 1
      from (
        select dbt_ai_last.*,
          case when dbt_ai_earliest < dbt_ai_end then dbt_ai_earliest + coalesce(
            {%- for place in places if place in ['sentences', 'words'] %}length(substring({{ tail }} from {{ dbt_ai._string_literal('^.*?' ~ ends[place]) }})), {% endfor -%}
            0) else dbt_ai_end end as dbt_ai_start
        from (
          select dbt_ai_placed.*, dbt_ai_pages[dbt_ai_earliest / dbt_ai_turned + 1] as dbt_ai_page, dbt_ai_earliest / dbt_ai_turned * dbt_ai_turned as dbt_ai_first
          from (
            select dbt_ai_end, dbt_ai_order, dbt_ai_paged.*, least(greatest(dbt_ai_end - {{ shared }}, dbt_ai_start + 1), dbt_ai_end) as dbt_ai_earliest
            from dbt_ai_cuts join dbt_ai_paged on dbt_ai_end < dbt_ai_length
          ) as dbt_ai_placed
        ) as dbt_ai_last
      ) as dbt_ai_next
    )
    select substr(dbt_ai_pages[dbt_ai_start / dbt_ai_turned + 1], dbt_ai_start % dbt_ai_turned + 1, dbt_ai_end - dbt_ai_start) as chunk, cast(dbt_ai_order as bigint) as chunk_order,
      cast(dbt_ai_start + 1 as bigint) as chunk_offset, dbt_ai_end - dbt_ai_start as chunk_length
    from dbt_ai_cuts cross join dbt_ai_paged
    where dbt_ai_order > 0
  ) as {{ alias }}
{%- endmacro %}
