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
        select dbt_ai_candidates.*, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_rank", "model": {"name": "reranker", "location": "https://api.cohere.com/v2/rerank", "api_format": "Cohere", "model_type": "RERANKING", "model": "rerank-v4.0", "credential": "https://api.cohere.com", "parameters": {}}, "parameters": {}, "return_type": "DOUBLE"}' as dbt_ai_call from `memory`.`dbt_ai`.`responses`) as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = to_hex(sha256(('5e7f6af34a9062342825a042c0bf5e4f' || cast((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(to_json_string(dbt_ai_query_texts.dbt_ai_query_text), 'null') || ',"text":' || coalesce(to_json_string(content), 'null') || '}') end) as string))))) as float64) as ai_relevance
        from (
    select query.ticket_id, base.*, 1 - distance as ai_similarity,
      row_number() over (partition by query.ticket_id order by distance) as ai_candidate
    from VECTOR_SEARCH(
      (select * from `memory`.`analytics`.`articles` where embedding is not null), 'embedding', (select ticket_id, embedding as dbt_ai_query_vector from (select * from `memory`.`analytics`.`tickets`) as dbt_ai_query_rows), query_column_to_search => 'dbt_ai_query_vector',
      top_k => 20, distance_type => 'COSINE')
  ) as dbt_ai_candidates
        join (select ticket_id as dbt_ai_query_1, body as dbt_ai_query_text from (select * from `memory`.`analytics`.`tickets`) as dbt_ai_query_rows) as dbt_ai_query_texts
          on dbt_ai_query_texts.dbt_ai_query_1 = dbt_ai_candidates.ticket_id
      ) as dbt_ai_scored
    ) as dbt_ai_reranked
    where dbt_ai_reranked.ai_rank <= 5
  ) as found
;
