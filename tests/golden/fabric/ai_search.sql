-- ai_search on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- search_of_every_row
--   select found.*
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
-- compile error: AI017: ai_cosine_distance has no native form on fabric; Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB

-- search_of_one_text
--   select found.article_id, found.title, found.ai_rank, found.ai_similarity
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
-- compile error: AI017: ai_cosine_distance has no native form on fabric; Fabric Warehouse has no vector type: use a SQL database in Fabric, or DuckDB

-- search_of_text_and_vectors
--   select found.article_id, found.ai_rank
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
-- compile error: AI032: ai_search with text has no native form on fabric; leave text out, or search on Postgres or on DuckDB with the plugin, where full text and vectors are fused

-- search_reranked
--   select found.article_id, found.title, found.ai_rank, found.ai_relevance
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', query='body', k=5, rerank=ref('reranker'), rerank_text='content', candidates=20) }} as found
-- compile error: AI040: ai_rank has no native form on fabric; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model
