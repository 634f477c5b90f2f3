{#- A search whose nearest rows, the candidates, are ordered by what a model says of their texts. No other row is asked about.
    A query has no rows while an answer about one of its candidates is missing, which is so in the passes of a plan only: rows in an order that
    is not the last one would have whatever reads them ask about the wrong ones. -#}
{% macro _reranked(search, model, text, candidates) -%}
  {%- do dbt_ai._require_rerank(search, text, candidates) -%}
  {%- set query = 'dbt_ai_query_texts.dbt_ai_query_text' if search.queries else search.query -%}
  {%- set nearest = dict(search, k=candidates, rank_column='ai_candidate') -%}
  (
    select dbt_ai_reranked.* from (
      select dbt_ai_scored.*,
        case when min(case when ai_relevance is null and ({{ text }}) is not null then 0 else 1 end) over ({{ dbt_ai._search_partition(search) | trim }}) = 1
          then row_number() over ({{ dbt_ai._search_partition(search) }}order by case when ai_relevance is null then 1 else 0 end, ai_relevance desc, ai_candidate)
        end as ai_rank
      from (
        select dbt_ai_candidates.*, {{ dbt_ai.ai_rank(model, query, text) }} as ai_relevance
        from {{ adapter.dispatch('ai_search', 'dbt_ai')(nearest) | trim }} as dbt_ai_candidates
        {%- if search.queries %}
        join ({{ dbt_ai._query_texts(search) }}) as dbt_ai_query_texts
          on {% for column in search.query_columns %}dbt_ai_query_texts.dbt_ai_query_{{ loop.index }} = dbt_ai_candidates.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
        {%- endif %}
      ) as dbt_ai_scored
    ) as dbt_ai_reranked
    where dbt_ai_reranked.ai_rank <= {{ search.k }}
  )
{%- endmacro %}

{#- The text of each query, under names that no corpus has. -#}
{% macro _query_texts(search) -%}
  select {% for column in search.query_columns %}{{ column }} as dbt_ai_query_{{ loop.index }}, {% endfor %}{{ search.query }} as dbt_ai_query_text from (select * from {{ search.queries }}) as dbt_ai_query_rows
{%- endmacro %}

{#- Refuse what cannot be reranked, in one sentence. -#}
{% macro _require_rerank(search, text, candidates) -%}
  {%- if text is none -%}
    {% do exceptions.raise_compiler_error("ai_search: rerank is given and rerank_text is not; give what the model reads of a row, a SQL expression such as 'body'") %}
  {%- endif -%}
  {%- do dbt_ai._require_expression('ai_search', 'rerank_text', text) -%}
  {%- if search.query is none -%}
    {% do exceptions.raise_compiler_error('ai_search: rerank is given and query is not; the model reads the text of the query beside the text of each candidate') %}
  {%- elif candidates is not integer or candidates is boolean or candidates < search.k or candidates > 10000 -%}
    {% do exceptions.raise_compiler_error('ai_search: candidates is ' ~ candidates ~ '; give how many of the nearest rows are reranked for each query, from k (' ~ search.k ~ ') to 10000') %}
  {%- endif -%}
  {%- do dbt_ai._require_free_names('ai_search', 'corpus', ['ai_candidate', 'ai_relevance'], search.corpus) -%}
{%- endmacro %}

{% macro _refuse_without_rerank(rerank_text, candidates) -%}
  {%- for argument, value in [('rerank_text', rerank_text), ('candidates', candidates)] if value is not none -%}
    {% do exceptions.raise_compiler_error('ai_search: ' ~ argument ~ ' is given and rerank is not; give rerank, the external model that reranks, or leave ' ~ argument ~ ' out') %}
  {%- endfor -%}
{%- endmacro %}
