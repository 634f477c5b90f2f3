-- ai_search on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

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
    with dbt_ai_queries as (select cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('4696553b9725cb5ac237b691351e8647' || case when pg_typeof(('how do I return it?')) in (cast('text' as regtype), cast('varchar' as regtype)) then cast(('how do I return it?') as TEXT) when left(btrim(left(substr(cast(json_build_array(('how do I return it?')) as text), 2), -1), E' \t\n\r'), 1) in ('{', '[') then btrim(left(substr(cast(json_build_array(('how do I return it?')) as text), 2), -1), E' \t\n\r') when pg_typeof(('how do I return it?')) = cast('timestamptz' as regtype) and ('how do I return it?') is not null then regexp_replace(replace(btrim(cast(json_build_array(cast(btrim(cast(json_build_array(('how do I return it?')) as text), '[]"') as timestamptz) at time zone 'UTC') as text), '[]"'), 'T', ' '), '([0-9])( BC)?$', '\1+00\2') else cast(('how do I return it?') as TEXT) end), 'UTF8'))) as vector(512)) as dbt_ai_query_vector)
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
    with dbt_ai_queries as (select ticket_id, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, vector as dbt_ai_value, '{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('4696553b9725cb5ac237b691351e8647' || case when pg_typeof((body)) in (cast('text' as regtype), cast('varchar' as regtype)) then cast((body) as TEXT) when left(btrim(left(substr(cast(json_build_array((body)) as text), 2), -1), E' \t\n\r'), 1) in ('{', '[') then btrim(left(substr(cast(json_build_array((body)) as text), 2), -1), E' \t\n\r') when pg_typeof((body)) = cast('timestamptz' as regtype) and (body) is not null then regexp_replace(replace(btrim(cast(json_build_array(cast(btrim(cast(json_build_array((body)) as text), '[]"') as timestamptz) at time zone 'UTC') as text), '[]"'), 'T', ' '), '([0-9])( BC)?$', '\1+00\2') else cast((body) as TEXT) end), 'UTF8'))) as vector(512)) as dbt_ai_query_vector, body as dbt_ai_query_text from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows)
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
select found.article_id, found.title, found.ai_rank, found.ai_relevance
from (
    select dbt_ai_reranked.* from (
      select dbt_ai_scored.*,
        case when min(case when ai_relevance is null and (content) is not null then 0 else 1 end) over (partition by ticket_id) = 1
          then row_number() over (partition by ticket_id order by case when ai_relevance is null then 1 else 0 end, ai_relevance desc, ai_candidate)
        end as ai_rank
      from (
        select dbt_ai_candidates.*, cast((select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value, '{"function": "ai_rank", "model": {"name": "reranker", "location": "https://api.cohere.com/v2/rerank", "api_format": "Cohere", "model_type": "RERANKING", "model": "rerank-v4.0", "credential": "https://api.cohere.com", "parameters": {}}, "parameters": {}, "return_type": "DOUBLE"}' as dbt_ai_call from "memory"."dbt_ai"."responses") as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to(('5e7f6af34a9062342825a042c0bf5e4f' || case when pg_typeof((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end)) in (cast('text' as regtype), cast('varchar' as regtype)) then cast((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end) as TEXT) when left(btrim(left(substr(cast(json_build_array((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end)) as text), 2), -1), E' \t\n\r'), 1) in ('{', '[') then btrim(left(substr(cast(json_build_array((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end)) as text), 2), -1), E' \t\n\r') when pg_typeof((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end)) = cast('timestamptz' as regtype) and (case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end) is not null then regexp_replace(replace(btrim(cast(json_build_array(cast(btrim(cast(json_build_array((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end)) as text), '[]"') as timestamptz) at time zone 'UTC') as text), '[]"'), 'T', ' '), '([0-9])( BC)?$', '\1+00\2') else cast((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(btrim(left(substr(cast(json_build_array(dbt_ai_query_texts.dbt_ai_query_text) as text), 2), -1), E' \t\n\r'), 'null') || ',"text":' || coalesce(btrim(left(substr(cast(json_build_array(content) as text), 2), -1), E' \t\n\r'), 'null') || '}') end) as TEXT) end), 'UTF8'))) as double precision) as ai_relevance
        from (
    with dbt_ai_queries as (select ticket_id, embedding as dbt_ai_query_vector from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows)
    select dbt_ai_queries.ticket_id, dbt_ai_found.*
    from dbt_ai_queries
    cross join lateral (
      select dbt_ai_nearest.*, row_number() over (order by ai_similarity desc) as ai_candidate
      from (
        with dbt_ai_near as materialized (
          select dbt_ai_rows.*, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity
          from (select * from "memory"."analytics"."articles" where embedding is not null) as dbt_ai_rows
          order by dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)
          limit 20
        )
        select * from dbt_ai_near where (select count(*) from dbt_ai_near) = 20
        union all
        select * from (
          select dbt_ai_rows.*, 1 - (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) as ai_similarity
          from (select * from "memory"."analytics"."articles" where embedding is not null) as dbt_ai_rows
          order by (dbt_ai_rows.embedding <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)) + 0
          limit 20
        ) as dbt_ai_exact
        where (select count(*) from dbt_ai_near) < 20
      ) as dbt_ai_nearest
      where ai_similarity <> 'NaN' and ai_similarity is not null
    ) as dbt_ai_found
    where dbt_ai_found.ai_candidate <= 20
  ) as dbt_ai_candidates
        join (select ticket_id as dbt_ai_query_1, body as dbt_ai_query_text from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows) as dbt_ai_query_texts
          on dbt_ai_query_texts.dbt_ai_query_1 = dbt_ai_candidates.ticket_id
      ) as dbt_ai_scored
    ) as dbt_ai_reranked
    where dbt_ai_reranked.ai_rank <= 5
  ) as found
;
