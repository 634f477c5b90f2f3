-- ai_chunk on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
-- compile error: AI035: ai_chunk with by or tokens_of has no native form on snowflake; leave both out, or cut the texts on DuckDB with the plugin, or by structure on Postgres, Spark or Databricks

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
from "memory"."analytics"."articles" as articles
cross join lateral (
    select
      substr(articles.content, starts.value, 500) as chunk,
      cast((starts.value - 1) / 450 as bigint) + 1 as chunk_order,
      cast(starts.value as bigint) as chunk_offset,
      length(substr(articles.content, starts.value, 500)) as chunk_length
    from table(flatten(input => array_generate_range(1, greatest(length(articles.content) - 50, 1) + 1, 450))) as starts
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
      substr(articles.content, starts.value, 1000) as chunk,
      cast((starts.value - 1) / 1000 as bigint) + 1 as chunk_order,
      cast(starts.value as bigint) as chunk_offset,
      length(substr(articles.content, starts.value, 1000)) as chunk_length
    from table(flatten(input => array_generate_range(1, greatest(length(articles.content) - 0, 1) + 1, 1000))) as starts
    where length(articles.content) > 0
  ) as chunk
;
