-- ai_chunk on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
-- compile error: AI035: ai_chunk with by or tokens_of has no native form on bigquery; leave both out, or cut the texts on DuckDB with the plugin, or by structure on Postgres, Spark or Databricks

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
from `memory`.`analytics`.`articles` as articles
cross join unnest(array(
    select as struct
      substr(articles.content, start_at, 500) as chunk,
      cast((start_at - 1) / 450 as int64) + 1 as chunk_order,
      cast(start_at as int64) as chunk_offset,
      length(substr(articles.content, start_at, 500)) as chunk_length
    from unnest(generate_array(1, greatest(length(articles.content) - 50, 1), 450)) as start_at
    where length(articles.content) > 0
  )) as piece
;

-- whole_chunks
--   select articles.article_id, chunk.chunk, chunk.chunk_order
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000) }}
select articles.article_id, chunk.chunk, chunk.chunk_order
from `memory`.`analytics`.`articles` as articles
cross join unnest(array(
    select as struct
      substr(articles.content, start_at, 1000) as chunk,
      cast((start_at - 1) / 1000 as int64) + 1 as chunk_order,
      cast(start_at as int64) as chunk_offset,
      length(substr(articles.content, start_at, 1000)) as chunk_length
    from unnest(generate_array(1, greatest(length(articles.content) - 0, 1), 1000)) as start_at
    where length(articles.content) > 0
  )) as chunk
;
