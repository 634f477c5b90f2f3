-- ai_chunk on duckdb. Judged by DuckDB. Written by tests/golden/golden.py.

-- chunks_of_paragraphs
--   select articles.article_id, {{ dbt_ai.ai_chunk_key('articles.article_id') }} as chunk_key, chunk.chunk
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000, overlap=10, by='paragraphs') }}
select articles.article_id, md5(cast((cast(articles.article_id as TEXT) || '|' || cast(row_number() over (partition by articles.article_id, chunk.chunk order by chunk.chunk_order) as TEXT) || '|' || chunk.chunk) as TEXT)) as chunk_key, chunk.chunk
from "memory"."analytics"."articles" as articles

  cross join lateral (
    select unnest(dbt_ai_chunks(cast(articles.content as varchar), '{"size": 1000, "shared": 100, "places": ["paragraphs", "sentences", "words"]}'), recursive := true)
  ) as chunk
;

-- overlapping_chunks
--   select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 500, overlap=10, alias='piece') }}
select articles.article_id, piece.chunk, piece.chunk_order, piece.chunk_offset, piece.chunk_length
from "memory"."analytics"."articles" as articles

  cross join lateral (
    select unnest(list_transform([cast(articles.content as varchar)], lambda dbt_ai_body: list_transform([struct_pack(
        whole := length(dbt_ai_body), starts := greatest(length(dbt_ai_body) - 50, 1), block := 450 * cast(ceil(sqrt(length(dbt_ai_body) / 450)) as bigint))],
      lambda dbt_ai_length: flatten(list_transform(case when dbt_ai_length.whole > 0 then range(0, dbt_ai_length.starts, dbt_ai_length.block) end,
        lambda dbt_ai_start: list_transform([substr(dbt_ai_body, dbt_ai_start + 1, dbt_ai_length.block + 50)],
          lambda dbt_ai_block: list_transform(range(0, least(dbt_ai_length.block, dbt_ai_length.starts - dbt_ai_start), 450),
            lambda dbt_ai_within: struct_pack(
              chunk := substr(dbt_ai_block, dbt_ai_within + 1, 500),
              chunk_order := (dbt_ai_start + dbt_ai_within) // 450 + 1,
              chunk_offset := dbt_ai_start + dbt_ai_within + 1,
              chunk_length := least(500, dbt_ai_length.whole - dbt_ai_start - dbt_ai_within))))[1])))[1])[1], recursive := true)
  ) as piece
;

-- whole_chunks
--   select articles.article_id, chunk.chunk, chunk.chunk_order
--   from {{ ref('articles') }} as articles
--   {{ dbt_ai.ai_chunk('articles.content', 1000) }}
select articles.article_id, chunk.chunk, chunk.chunk_order
from "memory"."analytics"."articles" as articles

  cross join lateral (
    select unnest(list_transform([cast(articles.content as varchar)], lambda dbt_ai_body: list_transform([struct_pack(
        whole := length(dbt_ai_body), starts := greatest(length(dbt_ai_body) - 0, 1), block := 1000 * cast(ceil(sqrt(length(dbt_ai_body) / 1000)) as bigint))],
      lambda dbt_ai_length: flatten(list_transform(case when dbt_ai_length.whole > 0 then range(0, dbt_ai_length.starts, dbt_ai_length.block) end,
        lambda dbt_ai_start: list_transform([substr(dbt_ai_body, dbt_ai_start + 1, dbt_ai_length.block + 0)],
          lambda dbt_ai_block: list_transform(range(0, least(dbt_ai_length.block, dbt_ai_length.starts - dbt_ai_start), 1000),
            lambda dbt_ai_within: struct_pack(
              chunk := substr(dbt_ai_block, dbt_ai_within + 1, 1000),
              chunk_order := (dbt_ai_start + dbt_ai_within) // 1000 + 1,
              chunk_offset := dbt_ai_start + dbt_ai_within + 1,
              chunk_length := least(1000, dbt_ai_length.whole - dbt_ai_start - dbt_ai_within))))[1])))[1])[1], recursive := true)
  ) as chunk
;
