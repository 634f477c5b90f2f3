-- ai_chunk on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

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
