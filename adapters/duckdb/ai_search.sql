{# With the plugin, blocks of vectors are multiplied in this process: DuckDB's own comparison of pairs takes twenty times as long. The neighbours of
   a block come back as numbers of rows. #}
{% macro duckdb__ai_search(search) -%}
  {%- if dbt_ai._is_looked_up('ai_embed', {'literal': false}) -%}{{ return(dbt_ai.default__ai_search(search)) }}{%- endif -%}
  (
    with dbt_ai_queries as materialized (
      select row_number() over () as dbt_ai_query, * from ({{ search.questions }}) where dbt_ai_query_vector is not null
    ),
    dbt_ai_rows as materialized (
      select row_number() over () as dbt_ai_row, * from ({{ dbt_ai._search_rows(search) }})
    ),
    dbt_ai_found as (
      select unnest(
        dbt_ai_nearest(
          cast(queries.vectors as float[][]), queries.ids, queries.block, cast(rows.vectors as float[][]), rows.ids,
          {{ dbt_ai._duckdb_search_depth(search) }}, {{ -1 if search.min_similarity is none else search.min_similarity }}),
        recursive := true)
      from (
        select list(dbt_ai_query_vector) as vectors, list(dbt_ai_query) as ids, dbt_ai_query // 1024 as block from dbt_ai_queries group by block
      ) as queries
      cross join (
        select list({{ search.vector }}) as vectors, list(dbt_ai_row) as ids from dbt_ai_rows group by dbt_ai_row // 8192
      ) as rows
    ),
    dbt_ai_ranked as (
      {%- if search.text %}
      {{ dbt_ai._duckdb_fused(search) }}
      {%- else %}
      select "query", "row", similarity, row_number() over (partition by "query" order by similarity desc, "row") as ai_rank from dbt_ai_found
      {%- endif %}
    )
    select {{ dbt_ai._search_columns(search) }}dbt_ai_rows.* exclude (dbt_ai_row), dbt_ai_ranked.similarity as ai_similarity, dbt_ai_ranked.ai_rank as {{ search.rank_column }}
    from dbt_ai_ranked
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = dbt_ai_ranked."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = dbt_ai_ranked."row"
    where dbt_ai_ranked.ai_rank <= {{ search.k }}
  )
{%- endmacro %}

{#- How many neighbours each of the two lists has that are fused. -#}
{% macro _duckdb_search_depth(search) -%}
  {{ [search.k * 4, 50] | max if search.text else search.k }}
{%- endmacro %}

{#- The nearest rows and those with the words of the query (BM25 with k1 = 1.2 and b = 0.75), fused by reciprocal rank: 1 / (60 + rank), added.
    In SQL, since DuckDB's extension for full text keeps an index that has to be rebuilt after every change. -#}
{% macro _duckdb_fused(search) -%}
  {%- set words = "regexp_extract_all(lower(cast({} as varchar)), '[\\p{{L}}\\p{{N}}]+')" -%}
  select "query", "row", similarity, row_number() over (partition by "query" order by score desc, similarity desc, "row") as ai_rank
  from (
    select "query", "row", sum(1 / (60 + place)) as score,
      coalesce(max(similarity), any_value({{ dbt_ai.ai_cosine_similarity('dbt_ai_rows.' ~ search.vector, 'dbt_ai_queries.dbt_ai_query_vector') }})) as similarity
    from (
      select "query", "row", similarity, row_number() over (partition by "query" order by similarity desc, "row") as place from dbt_ai_found
      union all
      (
        with query_words as (
          select distinct dbt_ai_query as "query", unnest({{ words.format('dbt_ai_query_text') }}) as word from dbt_ai_queries
        ),
        texts as (select dbt_ai_row as "row", {{ words.format(search.text) }} as words from dbt_ai_rows),
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
        qualify place <= {{ dbt_ai._duckdb_search_depth(search) }}
      )
    ) as places
    join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = places."query"
    join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = places."row"
    group by "query", "row"
  )
  where similarity {{ dbt_ai._search_threshold(search) }}
{%- endmacro %}
