{# The k rows of `corpus` whose vectors are nearest to a text, or to each row of `queries`: a relation in brackets to select from.
   `select * from {{ dbt_ai.ai_search(corpus=ref('chunks'), vector='embedding', model=ref('embedder'), query="'how do I return it?'") }} as found` #}
{% macro ai_search(corpus, vector, query=none, model=none, k=10, queries=none, query_columns=[], query_vector=none, min_similarity=none, where=none, text=none,
                   rerank=none, rerank_text=none, candidates=none) -%}
  {%- set search = {'corpus': corpus, 'vector': vector, 'k': k, 'queries': queries, 'query_columns': query_columns, 'min_similarity': min_similarity,
        'where': where, 'text': text, 'query': query, 'query_vector': query_vector, 'rank_column': 'ai_rank'} -%}
  {%- do dbt_ai._require_search(search, model) -%}
  {%- do search.update({'questions': dbt_ai._search_questions(search, model)}) -%}
  {%- if rerank is none -%}
    {%- do dbt_ai._refuse_without_rerank(rerank_text, candidates) -%}
    {{ return(adapter.dispatch('ai_search', 'dbt_ai')(search)) }}
  {%- endif -%}
  {{ return(dbt_ai._reranked(search, rerank, rerank_text or text, candidates if candidates is not none else [5 * k, 10000] | min)) }}
{%- endmacro %}

{#- Exact: every row is compared with every query. What an engine has for a top k of its own is in adapters/*/ai_search.sql. -#}
{% macro default__ai_search(search) -%}
  {%- if search.text -%}
    {{ dbt_ai._unsupported('ai_search with text', 'AI032', 'leave text out, or search on Postgres or on DuckDB with the plugin, where full text and vectors are fused') }}
  {%- endif -%}
  (
    select dbt_ai_ranked.* from (
      select dbt_ai_compared.*, row_number() over ({{ dbt_ai._search_partition(search) }}order by dbt_ai_compared.ai_similarity desc) as {{ search.rank_column }}
      from (
        select {{ dbt_ai._search_columns(search) }}dbt_ai_rows.*,
          {{ adapter.dispatch('_search_similarity', 'dbt_ai')('dbt_ai_rows.' ~ search.vector, 'dbt_ai_queries.dbt_ai_query_vector') }} as ai_similarity
        from ({{ search.questions }}) as dbt_ai_queries
        cross join ({{ dbt_ai._search_rows(search) }}) as dbt_ai_rows
      ) as dbt_ai_compared
      where dbt_ai_compared.ai_similarity {{ dbt_ai._search_threshold(search) }}
    ) as dbt_ai_ranked
    where dbt_ai_ranked.{{ search.rank_column }} <= {{ search.k }}
  )
{%- endmacro %}

{#- NULL for vectors that have no direction. -#}
{% macro default___search_similarity(vector, query_vector) -%}
  {{ dbt_ai.ai_cosine_similarity(vector, query_vector) }}
{%- endmacro %}

{#- Refuse a search that cannot work, in one sentence. -#}
{% macro _require_search(search, model) -%}
  {%- do dbt_ai._require_expression('ai_search', 'vector', search.vector) -%}
  {%- for argument in ['query', 'query_vector', 'where', 'text'] if search[argument] is not none -%}
    {%- do dbt_ai._require_expression('ai_search', argument, search[argument]) -%}
  {%- endfor -%}
  {%- if search.corpus is undefined or not search.corpus -%}
    {% do exceptions.raise_compiler_error("ai_search: corpus is missing; give the relation that is searched, such as ref('chunks')") %}
  {%- elif search.query_vector is none and (search.query is none or model is none) -%}
    {% do exceptions.raise_compiler_error("ai_search: there is nothing to search for; give query, a SQL expression of a text, with model, the external model that embeds it, or give query_vector") %}
  {%- elif search.text and search.query is none -%}
    {% do exceptions.raise_compiler_error('ai_search: text is given and query is not; full text is searched for the words of query') %}
  {%- elif search.query is not none and not search.queries and modules.re.match('\\s*[A-Za-z_][A-Za-z0-9_]*\\s*$', search.query) and search.query | lower | trim != 'null' -%}
    {% do exceptions.raise_compiler_error('ai_search: query is the column ' ~ search.query ~ ', and without queries there are no rows that have it; a text stands in quotes of its own, such as query="'
         ~ "'" ~ search.query ~ "'" ~ '"') %}
  {%- elif search.k is not integer or search.k is boolean or search.k < 1 or search.k > 10000 -%}
    {% do exceptions.raise_compiler_error('ai_search: k is ' ~ tojson(search.k) ~ '; give the number of neighbours, 1 to 10000') %}
  {%- elif search.min_similarity is not none and (search.min_similarity is not number or search.min_similarity is boolean or search.min_similarity < -1 or search.min_similarity > 1) -%}
    {% do exceptions.raise_compiler_error('ai_search: min_similarity is ' ~ search.min_similarity ~ '; give a cosine, -1 to 1') %}
  {%- elif search.query_columns is string or search.query_columns is not sequence or search.query_columns | reject('string') | list -%}
    {% do exceptions.raise_compiler_error('ai_search: query_columns is ' ~ search.query_columns ~ "; give a list of names, such as ['question_id']") %}
  {%- elif search.queries and not search.query_columns -%}
    {% do exceptions.raise_compiler_error("ai_search: queries is given and query_columns is not; name the columns of queries that identify a row and that the result is to have, such as ['question_id']") %}
  {%- elif search.query_columns and not search.queries -%}
    {% do exceptions.raise_compiler_error('ai_search: query_columns is given and queries is not; give the relation that has these columns') %}
  {%- endif -%}
  {%- do dbt_ai._require_columns('ai_search', 'vector', [search.vector], search.corpus) -%}
  {%- do dbt_ai._require_vectors('ai_search', 'vector', search.vector, search.corpus) -%}
  {%- if search.queries -%}
    {%- do dbt_ai._require_columns('ai_search', 'query_columns', search.query_columns, search.queries) -%}
    {%- if search.query_vector -%}{%- do dbt_ai._require_vectors('ai_search', 'query_vector', search.query_vector, search.queries) -%}{%- endif -%}
  {%- endif -%}
  {%- do dbt_ai._require_free_names('ai_search', 'corpus', ['ai_similarity', 'ai_rank'] + search.query_columns | list, search.corpus) -%}
  {%- if search.queries -%}{%- do dbt_ai._require_identifying('ai_search', 'query_columns', search.query_columns, search.queries) -%}{%- endif -%}
{%- endmacro %}

{#- What is searched for: the columns that identify a query, its vector, and its text where text is searched. -#}
{% macro _search_questions(search, model) -%}
  {%- set columns = search.query_columns | list -%}
  {#- In brackets it is no column that was quoted by mistake (AI043): one text for all rows is what is searched for. -#}
  {%- set one_word = search.query is string and not search.queries and modules.re.match("\\s*'[A-Za-z0-9_]*'\\s*$", search.query) -%}
  {%- do columns.append((search.query_vector or dbt_ai.ai_embed(model, '(' ~ search.query ~ ')' if one_word else search.query)) ~ ' as dbt_ai_query_vector') -%}
  {%- if search.text -%}{%- do columns.append(search.query ~ ' as dbt_ai_query_text') -%}{%- endif -%}
  {#- Columns with names of ours are given by macros that know them to be unique. -#}
  {%- set identified = dbt_ai._is_identified('ai_search', 'query_columns', search.query_columns, search.queries) | trim
        if search.queries and not (search.query_columns | first).startswith('dbt_ai_') -%}
  select {{ columns | join(', ') }}{% if search.queries %} from (select * from {{ search.queries }}) as dbt_ai_query_rows{{ ' where ' ~ identified if identified }}{% endif %}
{%- endmacro %}

{#- The rows that are searched. In a select of their own, since --empty gives a relation an alias. -#}
{% macro _search_rows(search) -%}
  select * from {{ search.corpus }} where {{ search.vector }} is not null{% if search.where %} and ({{ search.where }}){% endif %}
{%- endmacro %}

{% macro _search_columns(search, place='dbt_ai_queries') -%}
  {%- for column in search.query_columns %}{{ place }}.{{ column }}, {% endfor -%}
{%- endmacro %}

{% macro _search_partition(search) -%}
  {%- if search.query_columns %}partition by {{ search.query_columns | join(', ') }} {% endif -%}
{%- endmacro %}

{% macro _search_threshold(search) -%}
  {{ 'is not null' if search.min_similarity is none else '>= ' ~ search.min_similarity }}
{%- endmacro %}
