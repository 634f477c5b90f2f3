-- ai_search on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- search_of_every_row
--   select found.*
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
select found.*
from (
    select query.ticket_id, base.*, 1 - distance as ai_similarity,
      row_number() over (partition by query.ticket_id order by distance) as ai_rank
    from VECTOR_SEARCH(
      (select * from `memory`.`analytics`.`articles` where embedding is not null), 'embedding', (select ticket_id, embedding as dbt_ai_query_vector from (select * from `memory`.`analytics`.`tickets`) as dbt_ai_query_rows), query_column_to_search => 'dbt_ai_query_vector',
      top_k => 10, distance_type => 'COSINE')
    where 1 - distance >= 0.5
  ) as found
;

-- search_of_one_text
--   select found.article_id, found.title, found.ai_rank, found.ai_similarity
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
select found.article_id, found.title, found.ai_rank, found.ai_similarity
from (
    select base.*, 1 - distance as ai_similarity,
      row_number() over (order by distance) as ai_rank
    from VECTOR_SEARCH(
      (select * from `memory`.`analytics`.`articles` where embedding is not null and (title <> 'Draft')), 'embedding', (select case when ('how do I return it?') is not null then (select if(coalesce(answer.status, '') = '', answer.result, error(answer.status)) from (select AI.EMBED('how do I return it?', endpoint => 'text-embedding-005') as answer)) end as dbt_ai_query_vector), query_column_to_search => 'dbt_ai_query_vector',
      top_k => 5, distance_type => 'COSINE')
  ) as found
;

-- search_of_text_and_vectors
--   select found.article_id, found.ai_rank
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
-- compile error: AI032: ai_search with text has no native form on bigquery; leave text out, or search on Postgres or on DuckDB with the plugin, where full text and vectors are fused
