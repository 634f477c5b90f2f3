{# With the plugin, vectors are multiplied in this process as DuckDB scans them: its own comparison of pairs takes twenty times as long. The
   neighbours come back as numbers of rows. A corpus with a vector_index is searched by it first, and every row is compared for the queries
   that found too little that way: all of them where the index is not up to date. #}
{% macro duckdb__ai_search(search) -%}
  {%- if dbt_ai._is_looked_up('ai_embed', {'literal': false}) -%}{{ return(dbt_ai.default__ai_search(search)) }}{%- endif -%}
  {%- set corpus = dbt_ai._duckdb_corpus(search) -%}
  {%- set depth, least = dbt_ai._duckdb_search_depth(search), -1 if search.min_similarity is none else search.min_similarity -%}
  (
    with dbt_ai_queries as materialized (
      select row_number() over () as dbt_ai_query, * from ({{ search.questions }}) where dbt_ai_query_vector is not null
    ),
    {%- if corpus.is_table %}
    dbt_ai_rows as not materialized (
      select rowid as dbt_ai_row, * from {{ search.corpus }} where {{ search.vector }} is not null{% if search.where %} and ({{ search.where }}){% endif %}
    ),
    {%- else %}
    dbt_ai_rows as materialized (
      select row_number() over () as dbt_ai_row, * from ({{ dbt_ai._search_rows(search) }})
    ),
    {%- endif %}
    {%- if corpus.index %}
    {{- dbt_ai._duckdb_search_by_index(search, corpus, depth, least) }}
    {%- endif %}
    dbt_ai_begun as materialized (
      select dbt_ai_search_begin(vectors, ids, {{ depth }}, {{ least }}, digest, cast(getvariable('dbt_ai_node') as varchar)) as search
      from (select cast(list(dbt_ai_query_vector) as float[][]) as vectors, list(dbt_ai_query) as ids from {{ 'dbt_ai_left' if corpus.index else 'dbt_ai_queries' }})
      cross join ({{ dbt_ai._duckdb_rows_digest(search, corpus) }})
    ),
    dbt_ai_seen as materialized (
      select cast(sum(dbt_ai_search_see{{ corpus.suffix }}(dbt_ai_begun.search, cast(dbt_ai_rows.{{ search.vector }} as float[{{ corpus.length }}]), dbt_ai_row)) as bigint) as rows
      from dbt_ai_begun cross join dbt_ai_rows where dbt_ai_begun.search > 0
    ),
    dbt_ai_found as materialized (
      select unnest(dbt_ai_search_end(search, rows), recursive := true) from dbt_ai_begun cross join dbt_ai_seen
      {%- if corpus.index %}
      union all by name
      select * from dbt_ai_near where similarity >= {{ least }} and "query" not in (select dbt_ai_query from dbt_ai_left)
      {%- endif %}
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

{#- What a search is remembered by between the passes of a plan and the node that follows them, which all search for the same among the same rows.
    Outside of a plan nothing is read for it. With an index few queries are left, if any. -#}
{% macro _duckdb_rows_digest(search, corpus) -%}
  {%- if corpus.index -%}
  select cast(null as varchar) as digest
  {%- else -%}
  select cast(sum(hash(dbt_ai_row, {{ search.vector }})) as varchar) as digest from dbt_ai_rows where getvariable('dbt_ai_node') is not null
  {%- endif -%}
{%- endmacro %}

{#- What is known of a corpus when SQL is compiled. Rows of a table have numbers of their own. DuckDB hands on vectors of a fixed length many times
    faster than lists, to a function of that length. -#}
{% macro _duckdb_corpus(search) -%}
  {%- set known = {'is_table': false, 'length': '', 'suffix': '', 'index': none} -%}
  {%- set corpus = search.corpus -%}
  {%- if not execute or not dbt_ai._is_built(corpus) or corpus.limit is not none or corpus.database != target.database -%}{{ return(known) }}{%- endif -%}
  {%- set relation = load_relation(corpus) -%}
  {%- if relation.type != 'table' or corpus.event_time_filter -%}{{ return(known) }}{%- endif -%}
  {%- set columns = adapter.get_columns_in_relation(relation) -%}
  {%- if 'rowid' in columns | map(attribute='name') | map('lower') -%}{{ return(known) }}{%- endif -%}
  {%- do known.update({'is_table': true}) -%}
  {%- for column in columns if column.name | lower == search.vector | lower | replace('"', '') -%}
    {%- set length = modules.re.findall('^FLOAT.([0-9]+).$', column.data_type) -%}
    {%- if length and length[0] | int in dbt_ai._duckdb_lengths() -%}{%- do known.update({'length': length[0], 'suffix': '_' ~ length[0]}) -%}{%- endif -%}
  {%- endfor -%}
  {%- for node in graph.nodes.values() if node.config.get('vector_index') is mapping and node.schema == corpus.schema and (node.alias or node.name) == corpus.identifier
        and (node.config.vector_index.get('column') or '') | lower == search.vector | lower | replace('"', '') -%}
    {%- do known.update({'index': dbt_ai._duckdb_index_specification(node, corpus, node.config.vector_index)}) -%}
  {%- endfor -%}
  {{ return(known) }}
{%- endmacro %}

{#- The lengths for which dbt_ai/engines/duckdb_functions.py has functions. -#}
{% macro _duckdb_lengths() -%}
  {{ return([8, 64, 96, 128, 192, 256, 300, 312, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 4096]) }}
{%- endmacro %}

{#- Candidates of the index are rows of the corpus now, with their exact similarity, in dbt_ai_near. A query has found enough if `depth` of them
    fulfil `where` and the least similarity, or if the index went beyond that similarity; the others are in dbt_ai_left. -#}
{% macro _duckdb_search_by_index(search, corpus, depth, least) %}
    dbt_ai_keys as materialized (
      select rowid as dbt_ai_row, hash({{ search.vector }}) as dbt_ai_key from {{ search.corpus }} where {{ search.vector }} is not null
    ),
    dbt_ai_candidates as materialized (
      select unnest(dbt_ai_index_search({{ corpus.index }}, whole.rows, whole.digest, matching.rows, asked.vectors, asked.ids, {{ depth }}, current_setting('threads')), recursive := true)
      from (select count(*) as rows, cast(sum(dbt_ai_key) as varchar) as digest from dbt_ai_keys) as whole
      cross join (select count(*) as rows from dbt_ai_rows) as matching
      cross join (select cast(list(dbt_ai_query_vector) as float[][]) as vectors, list(dbt_ai_query) as ids from dbt_ai_queries) as asked
    ),
    dbt_ai_picked as materialized (
      select dbt_ai_candidates."query", dbt_ai_keys.dbt_ai_row
      from dbt_ai_candidates join dbt_ai_keys on dbt_ai_keys.dbt_ai_key = dbt_ai_candidates."key"
    ),
    dbt_ai_near as materialized (
      select dbt_ai_picked."query", dbt_ai_rows.dbt_ai_row as "row", {{ dbt_ai._duckdb_similarity(search, corpus) }} as similarity
      from dbt_ai_picked
      join dbt_ai_rows on dbt_ai_rows.dbt_ai_row = dbt_ai_picked.dbt_ai_row
      join dbt_ai_queries on dbt_ai_queries.dbt_ai_query = dbt_ai_picked."query"
    ),
    dbt_ai_left as materialized (
      select * from dbt_ai_queries where dbt_ai_query not in (
        select "query" from dbt_ai_near group by "query" having count(*) filter (where similarity >= {{ least }}) >= {{ depth }} or min(similarity) < {{ least }})
    ),
{%- endmacro %}

{#- DuckDB refuses to compare a vector that lacks one of its numbers. Such a vector has no direction. -#}
{% macro duckdb___search_similarity(vector, query_vector) -%}
  case when list_count({{ vector }}) = len({{ vector }}) and list_count({{ query_vector }}) = len({{ query_vector }}) then {{ dbt_ai.ai_cosine_similarity(vector, query_vector) }} end
{%- endmacro %}

{#- DuckDB compares vectors of a fixed length many times faster than lists. A query of another length, for which nothing was found, is NULL here. -#}
{% macro _duckdb_similarity(search, corpus) -%}
  {%- if not corpus.length -%}{{ return(dbt_ai.duckdb___search_similarity('dbt_ai_rows.' ~ search.vector, 'dbt_ai_queries.dbt_ai_query_vector')) }}{%- endif -%}
  nullif(array_cosine_similarity(dbt_ai_rows.{{ search.vector }}, try_cast(cast(dbt_ai_queries.dbt_ai_query_vector as float[]) as float[{{ corpus.length }}])), 'nan'::float)
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
    select places."query", places."row", sum(1 / (60 + places.place)) as score,
      coalesce(max(places.similarity), any_value({{ dbt_ai.duckdb___search_similarity('dbt_ai_rows.' ~ search.vector, 'dbt_ai_queries.dbt_ai_query_vector') }})) as similarity
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
    group by places."query", places."row"
  )
  where similarity {{ dbt_ai._search_threshold(search) }}
{%- endmacro %}
