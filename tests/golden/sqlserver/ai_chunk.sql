-- ai_chunk on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
-- compile error: AI035: ai_chunk with by or tokens_of has no native form on sqlserver; leave both out, or cut the texts on DuckDB with the plugin, or by structure on Postgres, Spark or Databricks

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
from "memory"."analytics"."articles" as articles
cross apply AI_GENERATE_CHUNKS(SOURCE = nullif(articles.content, N''), CHUNK_TYPE = FIXED, CHUNK_SIZE = 500, OVERLAP = 10) as piece
;

-- whole_chunks
--   select articles.article_id, chunk.chunk, chunk.chunk_order
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000) }}
select articles.article_id, chunk.chunk, chunk.chunk_order
from "memory"."analytics"."articles" as articles
cross apply AI_GENERATE_CHUNKS(SOURCE = nullif(articles.content, N''), CHUNK_TYPE = FIXED, CHUNK_SIZE = 1000) as chunk
;
