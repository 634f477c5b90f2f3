-- ai_chunk on trino. Judged by sqlglot (trino). Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
-- compile error: AI035: ai_chunk with by or tokens_of has no native form on trino; leave both out, or cut the texts on DuckDB with the plugin, or by structure on Postgres, Spark or Databricks

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
-- compile error: AI001: ai_chunk has no native form on trino; cut the texts on DuckDB, Spark, Databend, Postgres, SQL Server, Snowflake or BigQuery

-- whole_chunks
--   select articles.article_id, chunk.chunk, chunk.chunk_order
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000) }}
-- compile error: AI001: ai_chunk has no native form on trino; cut the texts on DuckDB, Spark, Databend, Postgres, SQL Server, Snowflake or BigQuery
