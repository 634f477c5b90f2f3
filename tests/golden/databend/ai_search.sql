-- ai_search on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- search_of_every_row
--   select found.*
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
select found.*
from (
    select dbt_ai_ranked.* from (
      select dbt_ai_compared.*, row_number() over (partition by ticket_id order by dbt_ai_compared.ai_similarity desc) as ai_rank
      from (
        select dbt_ai_queries.ticket_id, dbt_ai_rows.*,
          (1 - nullif(cosine_distance(dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector), 'NaN'::float)) as ai_similarity
        from (select ticket_id, embedding as dbt_ai_query_vector from (select * from analytics.tickets) as dbt_ai_query_rows) as dbt_ai_queries
        cross join (select * from analytics.articles where embedding is not null) as dbt_ai_rows
      ) as dbt_ai_compared
      where dbt_ai_compared.ai_similarity >= 0.5
    ) as dbt_ai_ranked
    where dbt_ai_ranked.ai_rank <= 10
  ) as found
;

-- search_of_one_text
--   select found.article_id, found.title, found.ai_rank, found.ai_similarity
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
select found.article_id, found.title, found.ai_rank, found.ai_similarity
from (
    select dbt_ai_ranked.* from (
      select dbt_ai_compared.*, row_number() over (order by dbt_ai_compared.ai_similarity desc) as ai_rank
      from (
        select dbt_ai_rows.*,
          (1 - nullif(cosine_distance(dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector), 'NaN'::float)) as ai_similarity
        from (select embedder('how do I return it?') as dbt_ai_query_vector) as dbt_ai_queries
        cross join (select * from analytics.articles where embedding is not null and (title <> 'Draft')) as dbt_ai_rows
      ) as dbt_ai_compared
      where dbt_ai_compared.ai_similarity is not null
    ) as dbt_ai_ranked
    where dbt_ai_ranked.ai_rank <= 5
  ) as found
;

-- search_of_text_and_vectors
--   select found.article_id, found.ai_rank
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
-- compile error: AI032: ai_search with text has no native form on databend; leave text out, or search on Postgres or on DuckDB with the plugin, where full text and vectors are fused

-- search_reranked
--   select found.article_id, found.title, found.ai_rank, found.ai_relevance
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', query='body', k=5, rerank=ref('reranker'), rerank_text='content', candidates=20) }} as found
select found.article_id, found.title, found.ai_rank, found.ai_relevance
from (
    select dbt_ai_reranked.* from (
      select dbt_ai_scored.*,
        case when min(case when ai_relevance is null and (content) is not null then 0 else 1 end) over (partition by ticket_id) = 1
          then row_number() over (partition by ticket_id order by case when ai_relevance is null then 1 else 0 end, ai_relevance desc, ai_candidate)
        end as ai_rank
      from (
        select dbt_ai_candidates.*, cast(reranker__call('{"function": "ai_rank", "return_type": "DOUBLE"}', case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(substr(to_string(json_array(dbt_ai_query_texts.dbt_ai_query_text)), 2, length(to_string(json_array(dbt_ai_query_texts.dbt_ai_query_text))) - 2), 'null') || ',"text":' || coalesce(substr(to_string(json_array(content)), 2, length(to_string(json_array(content))) - 2), 'null') || '}') end) as double) as ai_relevance
        from (
    select dbt_ai_ranked.* from (
      select dbt_ai_compared.*, row_number() over (partition by ticket_id order by dbt_ai_compared.ai_similarity desc) as ai_candidate
      from (
        select dbt_ai_queries.ticket_id, dbt_ai_rows.*,
          (1 - nullif(cosine_distance(dbt_ai_rows.embedding, dbt_ai_queries.dbt_ai_query_vector), 'NaN'::float)) as ai_similarity
        from (select ticket_id, embedding as dbt_ai_query_vector from (select * from analytics.tickets) as dbt_ai_query_rows) as dbt_ai_queries
        cross join (select * from analytics.articles where embedding is not null) as dbt_ai_rows
      ) as dbt_ai_compared
      where dbt_ai_compared.ai_similarity is not null
    ) as dbt_ai_ranked
    where dbt_ai_ranked.ai_candidate <= 20
  ) as dbt_ai_candidates
        join (select ticket_id as dbt_ai_query_1, body as dbt_ai_query_text from (select * from analytics.tickets) as dbt_ai_query_rows) as dbt_ai_query_texts
          on dbt_ai_query_texts.dbt_ai_query_1 = dbt_ai_candidates.ticket_id
      ) as dbt_ai_scored
    ) as dbt_ai_reranked
    where dbt_ai_reranked.ai_rank <= 5
  ) as found
;
