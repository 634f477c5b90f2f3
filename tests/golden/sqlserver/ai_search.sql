-- ai_search on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- search_of_every_row
--   select found.*
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
select found.*
from 
  (
    select dbt_ai_queries.ticket_id, dbt_ai_found.*
    from (select ticket_id, embedding as dbt_ai_query_vector from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows) as dbt_ai_queries
    cross apply (
      select top (10) dbt_ai_rows.*, 1 - VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector) as ai_similarity, row_number() over (order by VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector)) as ai_rank
      from (select * from "memory"."analytics"."articles" where embedding is not null) as dbt_ai_rows
      where 1 - VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector) >= 0.5
      order by VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector)
    ) as dbt_ai_found
  ) as found
;

-- search_of_one_text
--   select found.article_id, found.title, found.ai_rank, found.ai_similarity
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
select found.article_id, found.title, found.ai_rank, found.ai_similarity
from 
  (
    select dbt_ai_found.*
    from (select CAST(AI_GENERATE_EMBEDDINGS('how do I return it?' USE MODEL [embedder]) AS VECTOR(512)) as dbt_ai_query_vector) as dbt_ai_queries
    cross apply (
      select top (5) dbt_ai_rows.*, 1 - VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector) as ai_similarity, row_number() over (order by VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector)) as ai_rank
      from (select * from "memory"."analytics"."articles" where embedding is not null and (title <> 'Draft')) as dbt_ai_rows
      where 1 - VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector) is not null
      order by VECTOR_DISTANCE('cosine', dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector)
    ) as dbt_ai_found
  ) as found
;

-- search_of_text_and_vectors
--   select found.article_id, found.ai_rank
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
-- compile error: AI032: ai_search with text has no native form on sqlserver; leave text out, or search on Postgres or on DuckDB with the plugin, where full text and vectors are fused
