{# Pairs of rows of two relations of which a condition is true: a relation in brackets to select from. Only texts that are near in meaning are asked about.
   `select * from {{ dbt_ai.ai_join(ref('tickets'), ref('articles'), left_text='body', right_text='title', condition='The second text answers the first.',
                                    model=ref('llm'), embedder=ref('embedder'), left_columns=['ticket_id'], right_columns=['article_id']) }} as pairs` #}
{% macro ai_join(left, right, left_text, right_text, condition, model, embedder, left_columns=none, right_columns=none, k=3, min_similarity=none, pairs_per_request=1) -%}
  {%- set join = {'left': left, 'right': right, 'left_text': left_text, 'right_text': right_text, 'condition': condition, 'model': model, 'embedder': embedder,
        'left_columns': left_columns, 'right_columns': right_columns, 'k': k, 'min_similarity': min_similarity, 'pairs_per_request': pairs_per_request} -%}
  {%- do dbt_ai._require_join(join) -%}
  {%- do dbt_ai._refuse_cross_product(join) -%}
  {{ return(adapter.dispatch('ai_join', 'dbt_ai')(join)) }}
{%- endmacro %}

{% macro default__ai_join(join) -%}
  {{ dbt_ai._unsupported('ai_join', 'AI033', 'join on DuckDB or Postgres, which embed each text once and ask about each pair once') }}
{%- endmacro %}

{#- Each text of either side once: a pair of texts stands for all pairs of their rows. -#}
{% macro _joined(join) -%}
  ( /* dbt_ai_join */
    with dbt_ai_left_texts as materialized (
      {{ dbt_ai._embedded_texts(join.left, join.left_text, 'dbt_ai_left', join.embedder) | trim }}
    ),
    dbt_ai_right_texts as materialized (
      {{ dbt_ai._embedded_texts(join.right, join.right_text, 'dbt_ai_right', join.embedder) | trim }}
    ),
    dbt_ai_pairs as materialized (
      select dbt_ai_left, dbt_ai_right, ai_similarity, ai_rank
      from {{ dbt_ai.ai_search(corpus='dbt_ai_right_texts', vector='dbt_ai_vector', queries='dbt_ai_left_texts', query_vector='dbt_ai_vector',
                               query_columns=['dbt_ai_left'], k=join.k, min_similarity=join.min_similarity) }} as dbt_ai_nearest
    ),
    {{ (dbt_ai._decided_alone(join) if join.pairs_per_request == 1 else dbt_ai._decided_together(join)) | trim }}
    select {{ dbt_ai._columns_of('dbt_ai_left_rows', join.left_columns) }}, {{ dbt_ai._columns_of('dbt_ai_right_rows', join.right_columns) }}, dbt_ai_matches.ai_similarity
    from dbt_ai_matches
    join ({{ dbt_ai._rows_with_text(join.left, join.left_text, join.left_columns) }}) as dbt_ai_left_rows on dbt_ai_left_rows.dbt_ai_text = dbt_ai_matches.dbt_ai_left
    join ({{ dbt_ai._rows_with_text(join.right, join.right_text, join.right_columns) }}) as dbt_ai_right_rows on dbt_ai_right_rows.dbt_ai_text = dbt_ai_matches.dbt_ai_right
  )
{%- endmacro %}

{#- In order, since of equals the first are the nearest, and a plan has to find the same ones each time. -#}
{% macro _embedded_texts(relation, text, alias, embedder) %}
      select {{ alias }}, {{ dbt_ai.ai_embed(embedder, alias) }} as dbt_ai_vector
      from (select distinct cast({{ text }} as {{ dbt.type_string() }}) as {{ alias }} from (select * from {{ relation }}) as dbt_ai_rows) as dbt_ai_texts
      where {{ alias }} <> ''
      order by {{ alias }}
{% endmacro %}

{% macro _rows_with_text(relation, text, columns) -%}
  select {{ columns | join(', ') }}, cast({{ text }} as {{ dbt.type_string() }}) as dbt_ai_text from (select * from {{ relation }}) as dbt_ai_rows
{%- endmacro %}

{% macro _columns_of(rows, columns) -%}
  {%- for column in columns %}{{ rows }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{#- One request for each pair: a new row of either side asks about its own pairs only. -#}
{% macro _decided_alone(join) %}
  {%- set pair = dbt_ai._concatenation([dbt_ai._string_literal('First text: '), 'dbt_ai_left', dbt_ai._string_literal('\n\nSecond text: '), 'dbt_ai_right']) -%}
    dbt_ai_decided as materialized (
      select dbt_ai_left, dbt_ai_right, ai_similarity, {{ dbt_ai.ai_filter(join.model, pair, join.condition) }} as dbt_ai_is_match from dbt_ai_pairs
    ),
    dbt_ai_matches as (
      select dbt_ai_left, dbt_ai_right, ai_similarity from dbt_ai_decided where dbt_ai_is_match
    )
{% endmacro %}

{#- One request for several candidates of one text. They are numbered in the order of their texts, so that a request depends on which they are and
    not on their similarities. -#}
{% macro _decided_together(join) %}
    dbt_ai_candidates as materialized (
      select dbt_ai_left, dbt_ai_right, ai_similarity, dbt_ai_group, row_number() over (partition by dbt_ai_left, dbt_ai_group order by dbt_ai_right) as dbt_ai_place
      from (select dbt_ai_pairs.*, floor((ai_rank - 1) / {{ join.pairs_per_request }}.0) as dbt_ai_group from dbt_ai_pairs) as dbt_ai_grouped
    ),
    dbt_ai_requests as materialized (
      select dbt_ai_left, dbt_ai_group, {{ dbt_ai._concatenation([dbt_ai._string_literal('First text: '), 'dbt_ai_left', dbt_ai._string_literal('\n'),
          "string_agg(" ~ dbt_ai._concatenation([dbt_ai._string_literal('\nSecond text '), 'cast(dbt_ai_place as ' ~ dbt.type_string() ~ ')', dbt_ai._string_literal(': '), 'dbt_ai_right'])
          ~ ", '' order by dbt_ai_place)"]) }} as dbt_ai_request
      from dbt_ai_candidates
      group by dbt_ai_left, dbt_ai_group
    ),
    dbt_ai_decided as materialized (
      select dbt_ai_left, dbt_ai_group, {{ dbt_ai._answer('ai_query', dbt_ai._external_model(join.model, 'CHAT', 'ai_query'), 'dbt_ai_request',
          messages=dbt_ai.ai_join_prompt(join.condition), return_type='ARRAY<INT>') }} as dbt_ai_numbers
      from dbt_ai_requests
    ),
    dbt_ai_matches as (
      select dbt_ai_candidates.dbt_ai_left, dbt_ai_candidates.dbt_ai_right, dbt_ai_candidates.ai_similarity
      from dbt_ai_candidates
      join dbt_ai_decided on dbt_ai_decided.dbt_ai_left = dbt_ai_candidates.dbt_ai_left and dbt_ai_decided.dbt_ai_group = dbt_ai_candidates.dbt_ai_group
      where {{ adapter.dispatch('_has_number', 'dbt_ai')('dbt_ai_decided.dbt_ai_numbers', 'dbt_ai_candidates.dbt_ai_place') }}
    )
{% endmacro %}

{#- Whether a number is one of the array of numbers that a model answered. -#}
{% macro default___has_number(numbers, number) -%}
  list_contains({{ numbers }}, {{ number }})
{%- endmacro %}

{#- Refuse a join that cannot work, in one sentence. -#}
{% macro _require_join(join) -%}
  {%- for argument in ['left_text', 'right_text'] -%}{%- do dbt_ai._require_expression('ai_join', argument, join[argument]) -%}{%- endfor -%}
  {%- do dbt_ai._require_text('ai_join', 'condition', join.condition, 'The second text answers the first.') -%}
  {%- for argument, such_as in [('left', "ref('tickets')"), ('right', "ref('articles')"), ('model', "ref('llm')")] if join[argument] is undefined or not join[argument] -%}
    {% do exceptions.raise_compiler_error('ai_join: ' ~ argument ~ ' is missing; give a relation such as ' ~ such_as) %}
  {%- endfor -%}
  {%- for argument in ['left_columns', 'right_columns'] -%}
    {%- set columns = join[argument] -%}
    {%- if not columns or columns is string or columns is not sequence or columns | reject('string') | list -%}
      {% do exceptions.raise_compiler_error('ai_join: ' ~ argument ~ ' is ' ~ (columns if columns is defined and columns is not none else 'missing') ~ "; give the names of the columns that the result is to have, such as ['ticket_id']") %}
    {%- endif -%}
  {%- endfor -%}
  {%- set shared = join.left_columns | map('lower') | select('in', join.right_columns | map('lower') | list) | list -%}
  {%- if shared -%}
    {% do exceptions.raise_compiler_error('ai_join: left_columns and right_columns both have ' ~ shared | join(', ') ~ '; the result can have one column of a name: rename it in the model that is joined') %}
  {%- elif 'ai_similarity' in (join.left_columns + join.right_columns) | map('lower') | list -%}
    {% do exceptions.raise_compiler_error('ai_join: the result has a column ai_similarity of its own; rename that of left_columns or right_columns in the model that is joined') %}
  {%- elif join.k is not integer or join.k is boolean or join.k < 1 or join.k > 1000 -%}
    {% do exceptions.raise_compiler_error('ai_join: k is ' ~ tojson(join.k) ~ '; give how many texts of right are candidates for a text of left, 1 to 1000') %}
  {%- elif join.pairs_per_request is not integer or join.pairs_per_request is boolean or join.pairs_per_request < 1 or join.pairs_per_request > 50 -%}
    {% do exceptions.raise_compiler_error('ai_join: pairs_per_request is ' ~ join.pairs_per_request ~ '; give how many candidates a request may hold, 1 to 50') %}
  {%- elif join.min_similarity is not none and (join.min_similarity is not number or join.min_similarity is boolean or join.min_similarity < -1 or join.min_similarity > 1) -%}
    {% do exceptions.raise_compiler_error('ai_join: min_similarity is ' ~ join.min_similarity ~ '; give a cosine, -1 to 1') %}
  {%- endif -%}
  {%- do dbt_ai._require_columns('ai_join', 'left_columns', join.left_columns, join.left) -%}
  {%- do dbt_ai._require_columns('ai_join', 'right_columns', join.right_columns, join.right) -%}
{%- endmacro %}

{#- Stop before every text of left would be asked about with every text of right. What is not built yet has no number, and is not counted. -#}
{% macro _refuse_cross_product(join) -%}
  {%- set allowed = execute and ((model.config.meta or {}).get('dbt_ai') or {}).get('allow_large_plan') -%}
  {%- set counts = dbt_ai._counted_texts(join) if execute and not allowed and not dbt_ai._in_unit_test() else none -%}
  {%- if join.embedder is undefined or not join.embedder -%}
    {% do exceptions.raise_compiler_error('ai_join: embedder is missing, and without it every text of left is compared with every text of right'
        ~ (': ' ~ '{:,}'.format(counts[0] * counts[1]) ~ ' pairs' if counts else '') ~ "; give the external model that makes vectors of the texts, such as ref('embedder')") %}
  {%- elif counts and join.k >= counts[1] and counts[0] * counts[1] > 1000 -%}
    {% do exceptions.raise_compiler_error('ai_join: k is ' ~ join.k ~ ' and right has ' ~ '{:,}'.format(counts[1]) ~ ' texts, so each of the ' ~ '{:,}'.format(counts[0])
        ~ ' texts of left is compared with all of them: ' ~ '{:,}'.format(counts[0] * counts[1]) ~ " pairs, the cross product; give a smaller k, or allow it with config(meta={'dbt_ai': {'allow_large_plan': true}})") %}
  {%- endif -%}
{%- endmacro %}

{% macro _counted_texts(join) -%}
  {%- set counts = [] -%}
  {%- for relation, text in [(join.left, join.left_text), (join.right, join.right_text)] if dbt_ai._is_built(relation) -%}
    {%- do counts.append(run_query('select count(distinct ' ~ text ~ ') from (select * from ' ~ relation ~ ') as dbt_ai_rows').rows[0][0] | int) -%}
  {%- endfor -%}
  {{ return(counts if counts | length == 2 else none) }}
{%- endmacro %}
