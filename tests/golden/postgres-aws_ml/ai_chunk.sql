-- ai_chunk on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
select articles.article_id, md5(cast((cast(articles.article_id as TEXT) || '|' || cast(row_number() over (partition by articles.article_id, chunk.chunk order by chunk.chunk_order) as TEXT) || '|' || chunk.chunk) as TEXT)) as chunk_key, chunk.chunk
from "memory"."analytics"."articles" as articles

  cross join lateral (
    with recursive dbt_ai_cuts as (
      select cast(articles.content as text) as dbt_ai_body, 0 as dbt_ai_start, 0 as dbt_ai_end, 0 as dbt_ai_order
      union all
      select dbt_ai_body, dbt_ai_start,
        case when dbt_ai_start + 1000 >= length(dbt_ai_body) then length(dbt_ai_body) else dbt_ai_end + coalesce(length(substring(substr(dbt_ai_body, dbt_ai_end + 1, dbt_ai_start + 1000 - dbt_ai_end) from '^.*\n[ \t\r]*\n')), length(substring(substr(dbt_ai_body, dbt_ai_end + 1, dbt_ai_start + 1000 - dbt_ai_end) from '^.*(?:[.!?…]["'')”’»]*[ \t\r\n]|[。！？])')), length(substring(substr(dbt_ai_body, dbt_ai_end + 1, dbt_ai_start + 1000 - dbt_ai_end) from '^.*[ \t\r\n]')), length(substr(dbt_ai_body, dbt_ai_end + 1, dbt_ai_start + 1000 - dbt_ai_end))) end,
        dbt_ai_order + 1
      from (
        select dbt_ai_body, dbt_ai_order, dbt_ai_end,
          case when dbt_ai_earliest < dbt_ai_end then dbt_ai_earliest + coalesce(length(substring(rtrim(substr(dbt_ai_body, dbt_ai_earliest + 1, dbt_ai_end - dbt_ai_earliest), E' \t\r\n') from '^.*?(?:[.!?…]["'')”’»]*[ \t\r\n]|[。！？])')), length(substring(rtrim(substr(dbt_ai_body, dbt_ai_earliest + 1, dbt_ai_end - dbt_ai_earliest), E' \t\r\n') from '^.*?[ \t\r\n]')), 0) else dbt_ai_end end as dbt_ai_start
        from (
          select dbt_ai_cuts.*, greatest(dbt_ai_end - 100, dbt_ai_start + 1) as dbt_ai_earliest from dbt_ai_cuts where dbt_ai_end < length(dbt_ai_body)
        ) as dbt_ai_last
      ) as dbt_ai_next
    )
    select substr(dbt_ai_body, dbt_ai_start + 1, dbt_ai_end - dbt_ai_start) as chunk, cast(dbt_ai_order as bigint) as chunk_order,
      cast(dbt_ai_start + 1 as bigint) as chunk_offset, dbt_ai_end - dbt_ai_start as chunk_length
    from dbt_ai_cuts
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
      substr(articles.content, starts.start_at, 500) as chunk,
      cast((starts.start_at - 1) / 450 as bigint) + 1 as chunk_order,
      cast(starts.start_at as bigint) as chunk_offset,
      length(substr(articles.content, starts.start_at, 500)) as chunk_length
    from generate_series(1, greatest(length(articles.content) - 50, 1), 450) as starts(start_at)
    where length(articles.content) > 0
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
      substr(articles.content, starts.start_at, 1000) as chunk,
      cast((starts.start_at - 1) / 1000 as bigint) + 1 as chunk_order,
      cast(starts.start_at as bigint) as chunk_offset,
      length(substr(articles.content, starts.start_at, 1000)) as chunk_length
    from generate_series(1, greatest(length(articles.content) - 0, 1), 1000) as starts(start_at)
    where length(articles.content) > 0
  ) as chunk
;
