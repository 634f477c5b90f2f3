-- ai_search on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- search_of_every_row
--   select found.*
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', queries=ref('tickets'), query_columns=['ticket_id'], query_vector='embedding', min_similarity=0.5) }} as found
select found.*
from (
    with dbt_ai_queries as materialized (
      select row_number() over () as dbt_ai_query, * from (select ticket_id, embedding as dbt_ai_query_vector from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows) where dbt_ai_query_vector is not null
    ),
    dbt_ai_rows as materialized (
      select row_number() over () as dbt_ai_row, * from (select * from "memory"."analytics"."articles" where embedding is not null)
    ),
    dbt_ai_begun as materialized (
      select dbt_ai_search_begin(vectors, ids, 10, 0.5, digest, cast(getvariable('dbt_ai_node') as varchar)) as search
      from (select cast(list(dbt_ai_query_vector) as float[][]) as vectors, list(dbt_ai_query) as ids from dbt_ai_queries)
      cross join (select cast(sum(hash(dbt_ai_row, embedding)) as varchar) as digest from dbt_ai_rows where getvariable('dbt_ai_node') is not null)
    ),
    dbt_ai_seen as materialized (
      select cast(sum(dbt_ai_search_see(dbt_ai_begun.search, cast(dbt_ai_rows.embedding as float[]), dbt_ai_row)) as bigint) as rows
      from dbt_ai_begun cross join dbt_ai_rows where dbt_ai_begun.search > 0
    ),
    dbt_ai_found as materialized (
      select unnest(dbt_ai_search_end(search, rows), recursive := true) from dbt_ai_begun cross join dbt_ai_seen
    ),
    dbt_ai_ranked as (
      select "query", "row", similarity, row_number() over (partition by "query" order by similarity desc, "row") as ai_rank from dbt_ai_found
    )
    select dbt_ai_queries.ticket_id, dbt_ai_rows.* exclude (dbt_ai_row), dbt_ai_ranked.similarity as ai_similarity, dbt_ai_ranked.ai_rank as ai_rank
    from dbt_ai_ranked
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = dbt_ai_ranked."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = dbt_ai_ranked."row"
    where dbt_ai_ranked.ai_rank <= 10
  ) as found
;

-- search_of_one_text
--   select found.article_id, found.title, found.ai_rank, found.ai_similarity
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query="'how do I return it?'", k=5, where="title <> 'Draft'") }} as found
select found.article_id, found.title, found.ai_rank, found.ai_similarity
from (
    with dbt_ai_queries as materialized (
      select row_number() over () as dbt_ai_query, * from (select cast(dbt_ai_embed_512('{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "dimensions": 512}', case when regexp_matches(typeof('how do I return it?'), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json(('how do I return it?')) as varchar) else cast(('how do I return it?') as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.search_of_one_text')) as FLOAT[512]) as dbt_ai_query_vector) where dbt_ai_query_vector is not null
    ),
    dbt_ai_rows as materialized (
      select row_number() over () as dbt_ai_row, * from (select * from "memory"."analytics"."articles" where embedding is not null and (title <> 'Draft'))
    ),
    dbt_ai_begun as materialized (
      select dbt_ai_search_begin(vectors, ids, 5, -1, digest, cast(getvariable('dbt_ai_node') as varchar)) as search
      from (select cast(list(dbt_ai_query_vector) as float[][]) as vectors, list(dbt_ai_query) as ids from dbt_ai_queries)
      cross join (select cast(sum(hash(dbt_ai_row, embedding)) as varchar) as digest from dbt_ai_rows where getvariable('dbt_ai_node') is not null)
    ),
    dbt_ai_seen as materialized (
      select cast(sum(dbt_ai_search_see(dbt_ai_begun.search, cast(dbt_ai_rows.embedding as float[]), dbt_ai_row)) as bigint) as rows
      from dbt_ai_begun cross join dbt_ai_rows where dbt_ai_begun.search > 0
    ),
    dbt_ai_found as materialized (
      select unnest(dbt_ai_search_end(search, rows), recursive := true) from dbt_ai_begun cross join dbt_ai_seen
    ),
    dbt_ai_ranked as (
      select "query", "row", similarity, row_number() over (partition by "query" order by similarity desc, "row") as ai_rank from dbt_ai_found
    )
    select dbt_ai_rows.* exclude (dbt_ai_row), dbt_ai_ranked.similarity as ai_similarity, dbt_ai_ranked.ai_rank as ai_rank
    from dbt_ai_ranked
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = dbt_ai_ranked."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = dbt_ai_ranked."row"
    where dbt_ai_ranked.ai_rank <= 5
  ) as found
;

-- search_of_text_and_vectors
--   select found.article_id, found.ai_rank
--   from {{ dbt_ai.ai_search(corpus=ref('articles'), vector='embedding', model=ref('embedder'), query='body', queries=ref('tickets'), query_columns=['ticket_id'], text='content') }} as found
select found.article_id, found.ai_rank
from (
    with dbt_ai_queries as materialized (
      select row_number() over () as dbt_ai_query, * from (select ticket_id, cast(dbt_ai_embed_512('{"function": "ai_embed", "model": {"name": "embedder", "location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "text-embedding-3-small", "credential": "https://api.openai.com", "parameters": {"dimensions": 512}}, "parameters": {}, "dimensions": 512}', case when regexp_matches(typeof(body), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((body)) as varchar) else cast((body) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.search_of_text_and_vectors')) as FLOAT[512]) as dbt_ai_query_vector, body as dbt_ai_query_text from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows) where dbt_ai_query_vector is not null
    ),
    dbt_ai_rows as materialized (
      select row_number() over () as dbt_ai_row, * from (select * from "memory"."analytics"."articles" where embedding is not null)
    ),
    dbt_ai_begun as materialized (
      select dbt_ai_search_begin(vectors, ids, 50, -1, digest, cast(getvariable('dbt_ai_node') as varchar)) as search
      from (select cast(list(dbt_ai_query_vector) as float[][]) as vectors, list(dbt_ai_query) as ids from dbt_ai_queries)
      cross join (select cast(sum(hash(dbt_ai_row, embedding)) as varchar) as digest from dbt_ai_rows where getvariable('dbt_ai_node') is not null)
    ),
    dbt_ai_seen as materialized (
      select cast(sum(dbt_ai_search_see(dbt_ai_begun.search, cast(dbt_ai_rows.embedding as float[]), dbt_ai_row)) as bigint) as rows
      from dbt_ai_begun cross join dbt_ai_rows where dbt_ai_begun.search > 0
    ),
    dbt_ai_found as materialized (
      select unnest(dbt_ai_search_end(search, rows), recursive := true) from dbt_ai_begun cross join dbt_ai_seen
    ),
    dbt_ai_ranked as (
      select "query", "row", similarity, row_number() over (partition by "query" order by score desc, similarity desc, "row") as ai_rank
  from (
    select places."query", places."row", sum(1 / (60 + places.place)) as score,
      coalesce(max(places.similarity), any_value(case when list_count(dbt_ai_rows.embedding) = len(dbt_ai_rows.embedding) and list_count(dbt_ai_queries.dbt_ai_query_vector) = len(dbt_ai_queries.dbt_ai_query_vector) then nullif(list_cosine_similarity(cast(dbt_ai_rows.embedding as float[])[:], cast(dbt_ai_queries.dbt_ai_query_vector as float[])[:]), 'nan'::float) end)) as similarity
    from (
      select "query", "row", similarity, row_number() over (partition by "query" order by similarity desc, "row") as place from dbt_ai_found
      union all
      (
        with query_words as (
          select distinct dbt_ai_query as "query", unnest(regexp_extract_all(lower(cast(dbt_ai_query_text as varchar)), '[\p{L}\p{N}]+')) as word from dbt_ai_queries
        ),
        texts as (select dbt_ai_row as "row", regexp_extract_all(lower(cast(content as varchar)), '[\p{L}\p{N}]+') as words from dbt_ai_rows),
        counted as (
          select "row", word, count(*) as times, any_value(length) as length
          from (select "row", unnest(words) as word, len(words) as length from texts)
          where word in (select word from query_words)
          group by "row", word
        ),
        weighed as (
          select "row", word, ln(1 + (whole.documents - count(*) over (partition by word) + 0.5) / (count(*) over (partition by word) + 0.5))
            * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * counted.length / whole.length)) as weight
          from counted cross join (select count(*) as documents, avg(len(words)) as length from texts) as whole
        )
        select "query", "row", null as similarity, row_number() over (partition by "query" order by sum(weight) desc, "row") as place
        from query_words join weighed using (word)
        group by "query", "row"
        qualify place <= 50
      )
    ) as places
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = places."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = places."row"
    group by places."query", places."row"
  )
  where similarity is not null
    )
    select dbt_ai_queries.ticket_id, dbt_ai_rows.* exclude (dbt_ai_row), dbt_ai_ranked.similarity as ai_similarity, dbt_ai_ranked.ai_rank as ai_rank
    from dbt_ai_ranked
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = dbt_ai_ranked."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = dbt_ai_ranked."row"
    where dbt_ai_ranked.ai_rank <= 10
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
        select dbt_ai_candidates.*, cast(dbt_ai_query('{"function": "ai_rank", "model": {"name": "reranker", "location": "https://api.cohere.com/v2/rerank", "api_format": "Cohere", "model_type": "RERANKING", "model": "rerank-v4.0", "credential": "https://api.cohere.com", "parameters": {}}, "parameters": {}, "return_type": "DOUBLE"}', case when regexp_matches(typeof(case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(cast(to_json(dbt_ai_query_texts.dbt_ai_query_text) as varchar), 'null') || ',"text":' || coalesce(cast(to_json(content) as varchar), 'null') || '}') end), '^(STRUCT|TUPLE|MAP|UNION)|[]]$') then cast(to_json((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(cast(to_json(dbt_ai_query_texts.dbt_ai_query_text) as varchar), 'null') || ',"text":' || coalesce(cast(to_json(content) as varchar), 'null') || '}') end)) as varchar) else cast((case when (dbt_ai_query_texts.dbt_ai_query_text) is not null and (content) is not null then ('{"query":' || coalesce(cast(to_json(dbt_ai_query_texts.dbt_ai_query_text) as varchar), 'null') || ',"text":' || coalesce(cast(to_json(content) as varchar), 'null') || '}') end) as TEXT) end, coalesce(getvariable('dbt_ai_node'), 'model.dbt_ai.search_reranked')) as DOUBLE) as ai_relevance
        from (
    with dbt_ai_queries as materialized (
      select row_number() over () as dbt_ai_query, * from (select ticket_id, embedding as dbt_ai_query_vector from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows) where dbt_ai_query_vector is not null
    ),
    dbt_ai_rows as materialized (
      select row_number() over () as dbt_ai_row, * from (select * from "memory"."analytics"."articles" where embedding is not null)
    ),
    dbt_ai_begun as materialized (
      select dbt_ai_search_begin(vectors, ids, 20, -1, digest, cast(getvariable('dbt_ai_node') as varchar)) as search
      from (select cast(list(dbt_ai_query_vector) as float[][]) as vectors, list(dbt_ai_query) as ids from dbt_ai_queries)
      cross join (select cast(sum(hash(dbt_ai_row, embedding)) as varchar) as digest from dbt_ai_rows where getvariable('dbt_ai_node') is not null)
    ),
    dbt_ai_seen as materialized (
      select cast(sum(dbt_ai_search_see(dbt_ai_begun.search, cast(dbt_ai_rows.embedding as float[]), dbt_ai_row)) as bigint) as rows
      from dbt_ai_begun cross join dbt_ai_rows where dbt_ai_begun.search > 0
    ),
    dbt_ai_found as materialized (
      select unnest(dbt_ai_search_end(search, rows), recursive := true) from dbt_ai_begun cross join dbt_ai_seen
    ),
    dbt_ai_ranked as (
      select "query", "row", similarity, row_number() over (partition by "query" order by similarity desc, "row") as ai_rank from dbt_ai_found
    )
    select dbt_ai_queries.ticket_id, dbt_ai_rows.* exclude (dbt_ai_row), dbt_ai_ranked.similarity as ai_similarity, dbt_ai_ranked.ai_rank as ai_candidate
    from dbt_ai_ranked
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = dbt_ai_ranked."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = dbt_ai_ranked."row"
    where dbt_ai_ranked.ai_rank <= 20
  ) as dbt_ai_candidates
        join (select ticket_id as dbt_ai_query_1, body as dbt_ai_query_text from (select * from "memory"."analytics"."tickets") as dbt_ai_query_rows) as dbt_ai_query_texts
          on dbt_ai_query_texts.dbt_ai_query_1 = dbt_ai_candidates.ticket_id
      ) as dbt_ai_scored
    ) as dbt_ai_reranked
    where dbt_ai_reranked.ai_rank <= 5
  ) as found
;
