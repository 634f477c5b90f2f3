-- ai_search on postgres-azure_ai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- search_of_every_row
--   select found.*
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
select found.*
from 
  (
    with dbt_ai_queries as (select ticket_id, embedding as dbt_ai_query_vector from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows)
    select dbt_ai_queries.ticket_id, dbt_ai_found.*
    from dbt_ai_queries
    cross join lateral (
      select dbt_ai_nearest.*, row_number() over (order by ai_similarity desc) as ai_rank
      from (
        with dbt_ai_near as materialized (
          select dbt_ai_rows.*, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity
          from (select * from "memory"."analytics"."articles" where embedding is not null) as dbt_ai_rows
          order by dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)
          limit 10
        )
        select * from dbt_ai_near where (select count(*) from dbt_ai_near) = 10
        union all
        select * from (
          select dbt_ai_rows.*, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity
          from (select * from "memory"."analytics"."articles" where embedding is not null) as dbt_ai_rows
          order by (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) + 0
          limit 10
        ) as dbt_ai_exact
        where (select count(*) from dbt_ai_near) < 10
      ) as dbt_ai_nearest
      where ai_similarity <> 'NaN' and ai_similarity >= 0.5
    ) as dbt_ai_found
    where dbt_ai_found.ai_rank <= 10
  ) as found
;

-- search_of_one_text
--   select found.article_id, found.title, found.ai_rank, found.ai_similarity
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
select found.article_id, found.title, found.ai_rank, found.ai_similarity
from 
  (
    with dbt_ai_queries as (select case when ('how do I return it?') is not null then cast(azure_openai.create_embeddings('text-embedding-3-small', 'how do I return it?', dimensions => 512) as vector) end as dbt_ai_query_vector)
    select dbt_ai_found.*
    from dbt_ai_queries
    cross join lateral (
      select dbt_ai_nearest.*, row_number() over (order by ai_similarity desc) as ai_rank
      from (
        with dbt_ai_near as materialized (
          select dbt_ai_rows.*, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity
          from (select * from "memory"."analytics"."articles" where embedding is not null and (title <> 'Draft')) as dbt_ai_rows
          order by dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)
          limit 5
        )
        select * from dbt_ai_near where (select count(*) from dbt_ai_near) = 5
        union all
        select * from (
          select dbt_ai_rows.*, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity
          from (select * from "memory"."analytics"."articles" where embedding is not null and (title <> 'Draft')) as dbt_ai_rows
          order by (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) + 0
          limit 5
        ) as dbt_ai_exact
        where (select count(*) from dbt_ai_near) < 5
      ) as dbt_ai_nearest
      where ai_similarity <> 'NaN' and ai_similarity is not null
    ) as dbt_ai_found
    where dbt_ai_found.ai_rank <= 5
  ) as found
;

-- search_of_text_and_vectors
--   select found.article_id, found.ai_rank
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
select found.article_id, found.ai_rank
from 
  (
    with dbt_ai_queries as (select ticket_id, case when (body) is not null then cast(azure_openai.create_embeddings('text-embedding-3-small', body, dimensions => 512) as vector) end as dbt_ai_query_vector, body as dbt_ai_query_text from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows)
    select dbt_ai_queries.ticket_id, dbt_ai_found.*
    from dbt_ai_queries
    cross join lateral (
      select (dbt_ai_ranked.dbt_ai_row).*, ai_similarity, row_number() over (
      order by 1.0 / (60 + by_vector) + case when words > 0 then 1.0 / (60 + by_words) else 0 end desc, by_vector) as ai_rank
  from (
    select dbt_ai_rows as dbt_ai_row, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity, rank() over (order by dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as by_vector,
      ts_rank(to_tsvector('simple', cast(content as text)), cast(replace(cast(plainto_tsquery('simple', dbt_ai_queries.dbt_ai_query_text) as text), ''' & ''', ''' | ''') as tsquery)) as words, rank() over (order by ts_rank(to_tsvector('simple', cast(content as text)), cast(replace(cast(plainto_tsquery('simple', dbt_ai_queries.dbt_ai_query_text) as text), ''' & ''', ''' | ''') as tsquery)) desc) as by_words
    from (select * from "memory"."analytics"."articles" where embedding is not null) as dbt_ai_rows
  ) as dbt_ai_ranked
      where ai_similarity <> 'NaN' and ai_similarity is not null
    ) as dbt_ai_found
    where dbt_ai_found.ai_rank <= 10
  ) as found
;

-- search_reranked
--   select found.article_id, found.title, found.ai_rank, found.ai_relevance
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', query='body', k=5, rerank=ref('reranker'), rerank_text='content', candidates=20) }} as found
-- compile error: AI040: ai_rank has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model
