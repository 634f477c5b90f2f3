-- ai_chunk on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
-- compile error: AI018: ai_chunk has no native form on redshift; Redshift has no lateral join: cut the texts before they are loaded, or on DuckDB

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
-- compile error: AI018: ai_chunk has no native form on redshift; Redshift has no lateral join: cut the texts before they are loaded, or on DuckDB

-- whole_chunks
--   select articles.article_id, chunk.chunk, chunk.chunk_order
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000) }}
-- compile error: AI018: ai_chunk has no native form on redshift; Redshift has no lateral join: cut the texts before they are loaded, or on DuckDB
