{#- Fails if ai_search finds fewer than min_recall (0 to 1) of the true k nearest of a sample of the column's own vectors. Without an index every row is
    compared, and nothing is missed. A row counts if it is as near as the k-th of the true ones: which of equals is found does not matter. -#}
{% test ai_recall(model, column_name, k=10, min_recall=0.95, sample=100) %}
{{- config(error_if=dbt_ai._unless_mock()) }}
{%- do dbt_ai._require_stored(model) %}
{%- do dbt_ai._require_rate('ai_recall', 'min_recall', min_recall) %}
{%- if sample is not integer or sample < 1 or sample > 100000 %}
  {%- do exceptions.raise_compiler_error('ai_recall: sample is ' ~ sample ~ '; give the number of vectors that are searched for, 1 to 100000') %}
{%- endif %}
{%- set search = {'corpus': model, 'vector': column_name, 'k': k, 'queries': 'dbt_ai_sample', 'query_columns': ['dbt_ai_asked'], 'query': none,
      'query_vector': 'dbt_ai_sought', 'min_similarity': none, 'where': none, 'text': none, 'rank_column': 'ai_rank'} %}
{%- do search.update({'questions': dbt_ai._search_questions(search, none)}) %}
{%- set found = dbt_ai.ai_search(corpus=model, vector=column_name, k=k, queries='dbt_ai_sample', query_columns=['dbt_ai_asked'], query_vector='dbt_ai_sought') %}
with dbt_ai_sample as (
  select row_number() over (order by dbt_ai_chance) as dbt_ai_asked, dbt_ai_sought
  from (select {{ column_name }} as dbt_ai_sought, {{ adapter.dispatch('_random', 'dbt_ai')() }} as dbt_ai_chance from {{ model }} where {{ column_name }} is not null) as dbt_ai_vectors
  order by dbt_ai_chance
  limit {{ sample }}
),
dbt_ai_true as (
  select dbt_ai_asked, count(*) as neighbours, min(ai_similarity) as least from {{ dbt_ai.default__ai_search(search) }} as dbt_ai_exact group by dbt_ai_asked
),
dbt_ai_hits as (
  select dbt_ai_true.dbt_ai_asked, count(*) as hits
  from dbt_ai_true
  join (select dbt_ai_asked, ai_similarity from {{ found }} as dbt_ai_searched) as dbt_ai_found
    on dbt_ai_found.dbt_ai_asked = dbt_ai_true.dbt_ai_asked and dbt_ai_found.ai_similarity >= dbt_ai_true.least - 0.00001
  group by dbt_ai_true.dbt_ai_asked
)
select recalled.*, {{ dbt_ai._mock_column('ai_recall', model) }} from (
  select coalesce(sum(dbt_ai_true.neighbours), 0) as neighbours, coalesce(sum(dbt_ai_hits.hits), 0) as hits
  from dbt_ai_true left join dbt_ai_hits on dbt_ai_hits.dbt_ai_asked = dbt_ai_true.dbt_ai_asked
) as recalled
where hits < {{ min_recall }} * neighbours
{% endtest %}

{% macro default___random() -%}
  random()
{%- endmacro %}
