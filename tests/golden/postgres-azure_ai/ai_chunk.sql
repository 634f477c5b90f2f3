-- ai_chunk on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
select articles.article_id, md5(cast((cast(articles.article_id as TEXT) || '|' || cast(row_number() over (partition by articles.article_id, chunk.chunk order by chunk.chunk_order) as TEXT) || '|' || chunk.chunk) as TEXT)) as chunk_key, chunk.chunk
from "memory"."analytics"."articles" as articles

  cross join lateral (
    with recursive dbt_ai_sized as materialized (
      select dbt_ai_body, length(dbt_ai_body) as dbt_ai_length, least(1000, length(dbt_ai_body)) as dbt_ai_size
      from (select cast(articles.content as text) as dbt_ai_body) as dbt_ai_text
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
        case when dbt_ai_start + 1000 >= dbt_ai_length then dbt_ai_length else dbt_ai_end + coalesce(length(substring(substr(dbt_ai_page, dbt_ai_end - dbt_ai_first + 1, dbt_ai_start + 1000 - dbt_ai_end) from '^.*\n[ \t\r]*\n')), length(substring(substr(dbt_ai_page, dbt_ai_end - dbt_ai_first + 1, dbt_ai_start + 1000 - dbt_ai_end) from '^.*(?:[.!?…]["'')”’»]*[ \t\r\n]|[。！？])')), length(substring(substr(dbt_ai_page, dbt_ai_end - dbt_ai_first + 1, dbt_ai_start + 1000 - dbt_ai_end) from '^.*[ \t\r\n]')), length(substr(dbt_ai_page, dbt_ai_end - dbt_ai_first + 1, dbt_ai_start + 1000 - dbt_ai_end))) end,
        dbt_ai_order + 1
      from (
        select dbt_ai_last.*,
          case when dbt_ai_earliest < dbt_ai_end then dbt_ai_earliest + coalesce(length(substring(rtrim(substr(dbt_ai_page, dbt_ai_earliest - dbt_ai_first + 1, dbt_ai_end - dbt_ai_earliest), E' \t\r\n') from '^.*?(?:[.!?…]["'')”’»]*[ \t\r\n]|[。！？])')), length(substring(rtrim(substr(dbt_ai_page, dbt_ai_earliest - dbt_ai_first + 1, dbt_ai_end - dbt_ai_earliest), E' \t\r\n') from '^.*?[ \t\r\n]')), 0) else dbt_ai_end end as dbt_ai_start
        from (
          select dbt_ai_placed.*, dbt_ai_pages[dbt_ai_earliest / dbt_ai_turned + 1] as dbt_ai_page, dbt_ai_earliest / dbt_ai_turned * dbt_ai_turned as dbt_ai_first
          from (
            select dbt_ai_end, dbt_ai_order, dbt_ai_paged.*, least(greatest(dbt_ai_end - 100, dbt_ai_start + 1), dbt_ai_end) as dbt_ai_earliest
            from dbt_ai_cuts join dbt_ai_paged on dbt_ai_end < dbt_ai_length
          ) as dbt_ai_placed
        ) as dbt_ai_last
      ) as dbt_ai_next
    )
    select substr(dbt_ai_pages[dbt_ai_start / dbt_ai_turned + 1], dbt_ai_start % dbt_ai_turned + 1, dbt_ai_end - dbt_ai_start) as chunk, cast(dbt_ai_order as bigint) as chunk_order,
      cast(dbt_ai_start + 1 as bigint) as chunk_offset, dbt_ai_end - dbt_ai_start as chunk_length
    from dbt_ai_cuts cross join dbt_ai_paged
    where dbt_ai_order > 0
  ) as chunk
;

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
from "memory"."analytics"."articles" as articles
cross join lateral (
    select
      substr(dbt_ai_block, dbt_ai_within + 1, 500) as chunk,
      cast((dbt_ai_start + dbt_ai_within) / 450 as bigint) + 1 as chunk_order,
      cast(dbt_ai_start + dbt_ai_within as bigint) + 1 as chunk_offset,
      length(substr(dbt_ai_block, dbt_ai_within + 1, 500)) as chunk_length
    from (
      select articles.content as dbt_ai_body, greatest(length(articles.content) - 50, 1) as dbt_ai_end,
        450 * cast(ceil(sqrt(length(articles.content) / 450.0)) as bigint) as dbt_ai_length
      where length(articles.content) > 0
      offset 0
    ) as dbt_ai_text
    cross join lateral generate_series(0, dbt_ai_end - 1, dbt_ai_length) as dbt_ai_starts(dbt_ai_start)
    cross join lateral (select substr(dbt_ai_body, cast(dbt_ai_start as int) + 1, cast(least(dbt_ai_length + 50, 1000000000) as int)) as dbt_ai_block offset 0) as dbt_ai_blocks
    cross join lateral generate_series(0, cast(least(dbt_ai_length, dbt_ai_end - dbt_ai_start) as int) - 1, 450) as dbt_ai_places(dbt_ai_within)
  ) as piece
;

-- whole_chunks
--   select articles.article_id, chunk.chunk, chunk.chunk_order
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000) }}
select articles.article_id, chunk.chunk, chunk.chunk_order
from "memory"."analytics"."articles" as articles
cross join lateral (
    select
      substr(dbt_ai_block, dbt_ai_within + 1, 1000) as chunk,
      cast((dbt_ai_start + dbt_ai_within) / 1000 as bigint) + 1 as chunk_order,
      cast(dbt_ai_start + dbt_ai_within as bigint) + 1 as chunk_offset,
      length(substr(dbt_ai_block, dbt_ai_within + 1, 1000)) as chunk_length
    from (
      select articles.content as dbt_ai_body, greatest(length(articles.content) - 0, 1) as dbt_ai_end,
        1000 * cast(ceil(sqrt(length(articles.content) / 1000.0)) as bigint) as dbt_ai_length
      where length(articles.content) > 0
      offset 0
    ) as dbt_ai_text
    cross join lateral generate_series(0, dbt_ai_end - 1, dbt_ai_length) as dbt_ai_starts(dbt_ai_start)
    cross join lateral (select substr(dbt_ai_body, cast(dbt_ai_start as int) + 1, cast(least(dbt_ai_length + 0, 1000000000) as int)) as dbt_ai_block offset 0) as dbt_ai_blocks
    cross join lateral generate_series(0, cast(least(dbt_ai_length, dbt_ai_end - dbt_ai_start) as int) - 1, 1000) as dbt_ai_places(dbt_ai_within)
  ) as chunk
;
