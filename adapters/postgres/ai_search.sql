{# Ordered by pgvector's operator with a limit, which an index of the column answers if it has one.
   An index looks at so many rows only (hnsw.ef_search, ivfflat.probes), and `where` is applied to those. If it finds fewer than k, every row is
   compared: `+ 0` is an order that no index answers. #}
{% macro postgres__ai_search(search) -%}
  {%- set distance = 'dbt_ai_rows.' ~ search.vector ~ ' <=> cast(dbt_ai_queries.dbt_ai_query_vector as vector)' %}
  (
    with dbt_ai_queries as ({{ search.questions }})
    select {{ dbt_ai._search_columns(search) }}dbt_ai_found.*
    from dbt_ai_queries
    cross join lateral (
      {%- if search.text %}
      {{ dbt_ai._postgres_fused(search, distance) }}
      {%- else %}
      select dbt_ai_nearest.*, row_number() over (order by ai_similarity desc) as {{ search.rank_column }}
      from (
        with dbt_ai_near as materialized (
          select dbt_ai_rows.*, 1 - ({{ distance }}) as ai_similarity
          from ({{ dbt_ai._search_rows(search) }}) as dbt_ai_rows
          order by {{ distance }}
          limit {{ search.k }}
        )
        select * from dbt_ai_near where (select count(*) from dbt_ai_near) = {{ search.k }}
        union all
        select * from (
          select dbt_ai_rows.*, 1 - ({{ distance }}) as ai_similarity
          from ({{ dbt_ai._search_rows(search) }}) as dbt_ai_rows
          order by ({{ distance }}) + 0
          limit {{ search.k }}
        ) as dbt_ai_exact
        where (select count(*) from dbt_ai_near) < {{ search.k }}
      ) as dbt_ai_nearest
      {%- endif %}
      where ai_similarity <> 'NaN' and ai_similarity {{ dbt_ai._search_threshold(search) }}
    ) as dbt_ai_found
    where dbt_ai_found.{{ search.rank_column }} <= {{ search.k }}
  )
{%- endmacro %}

{#- The rank by vector and, of rows with a word of the query, the rank by ts_rank, fused by reciprocal rank: 1 / (60 + rank), added.
    An & between two words becomes an |; one inside of a word, as in a URL, stays. -#}
{% macro _postgres_fused(search, distance) -%}
  {%- set words = "to_tsvector('simple', cast(" ~ search.text ~ " as text))" -%}
  {%- set sought = "cast(replace(cast(plainto_tsquery('simple', dbt_ai_queries.dbt_ai_query_text) as text), ''' & ''', ''' | ''') as tsquery)" -%}
  select (dbt_ai_ranked.dbt_ai_row).*, ai_similarity, row_number() over (
      order by 1.0 / (60 + by_vector) + case when words > 0 then 1.0 / (60 + by_words) else 0 end desc, by_vector) as {{ search.rank_column }}
  from (
    select dbt_ai_rows as dbt_ai_row, 1 - ({{ distance }}) as ai_similarity, rank() over (order by {{ distance }}) as by_vector,
      ts_rank({{ words }}, {{ sought }}) as words, rank() over (order by ts_rank({{ words }}, {{ sought }}) desc) as by_words
    from ({{ dbt_ai._search_rows(search) }}) as dbt_ai_rows
  ) as dbt_ai_ranked
{%- endmacro %}
