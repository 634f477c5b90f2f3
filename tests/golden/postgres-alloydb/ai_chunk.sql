-- ai_chunk on postgres-alloydb. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

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
