{# The rows of a relation, each with `ai_cluster`, the smallest unique_key of the rows that mean the same: a relation in brackets to select from.
   `select * from {{ dbt_ai.ai_dedupe(ref('companies'), 'company_id', text='name', embedder=ref('embedder')) }} as companies` #}
{% macro ai_dedupe(relation, unique_key, text, embedder, model=none, condition='Both texts describe the same thing.', k=10, same_within=none, ask_within=0.9, min_similarity=0.7) -%}
  {%- set dedupe = {'relation': relation, 'unique_key': unique_key, 'text': text, 'embedder': embedder, 'model': model, 'condition': condition, 'k': k,
        'same_within': same_within if same_within is not none else (0.7 if model is none else 0.5), 'ask_within': ask_within, 'min_similarity': min_similarity} -%}
  {%- do dbt_ai._require_dedupe(dedupe) -%}
  {{ return(adapter.dispatch('ai_dedupe', 'dbt_ai')(dedupe)) }}
{%- endmacro %}

{% macro default__ai_dedupe(dedupe) -%}
  {{ dbt_ai._unsupported('ai_dedupe', 'AI033', 'its clusters need a recursive query that takes the smallest of several numbers: dedupe on DuckDB or Postgres') }}
{%- endmacro %}

{#- Each text once, under the smallest number of its rows; numbers are in the order of the keys. Vectors are in order, since of equals the first are
    the nearest, and a plan has to find the same ones each time. -#}
{% macro _deduped(dedupe) -%}
  {%- set text = 'cast(' ~ dedupe.text ~ ' as ' ~ dbt.type_string() ~ ')' -%}
  {%- set identified = dbt_ai._is_identified('ai_dedupe', 'unique_key', [dedupe.unique_key], dedupe.relation) | trim -%}
  (
    with recursive dbt_ai_records as materialized (
      select {{ dedupe.unique_key }} as dbt_ai_key, {{ text }} as dbt_ai_text, row_number() over (order by {{ dedupe.unique_key }}) as dbt_ai_number
      from (select * from {{ dedupe.relation }}) as dbt_ai_rows
      where {{ text }} <> ''{{ ' and ' ~ identified if identified }}
    ),
    dbt_ai_texts as materialized (
      select min(dbt_ai_number) as dbt_ai_number, dbt_ai_text from dbt_ai_records group by dbt_ai_text
    ),
    dbt_ai_vectors as materialized (
      select dbt_ai_number, {{ dbt_ai.ai_embed(dedupe.embedder, 'dbt_ai_text') }} as dbt_ai_vector from dbt_ai_texts order by dbt_ai_number
    ),
    {{ dbt_ai._compared_texts(dedupe) | trim }},
    dbt_ai_edges as materialized (
      select dbt_ai_node, dbt_ai_other from dbt_ai_matches
      union all
      select dbt_ai_other, dbt_ai_node from dbt_ai_matches
    ),
    {{ dbt_ai._clusters() | trim }},
    dbt_ai_clustered as (
      select dbt_ai_records.dbt_ai_key, min(coalesce(dbt_ai_clusters.dbt_ai_cluster, dbt_ai_texts.dbt_ai_number)) as dbt_ai_cluster
      from dbt_ai_records
      join dbt_ai_texts on dbt_ai_texts.dbt_ai_text = dbt_ai_records.dbt_ai_text
      left join dbt_ai_clusters on dbt_ai_clusters.dbt_ai_node = dbt_ai_texts.dbt_ai_number
      group by dbt_ai_records.dbt_ai_key
    )
    select dbt_ai_rows.*, coalesce(dbt_ai_first.dbt_ai_key, dbt_ai_rows.{{ dedupe.unique_key }}) as ai_cluster
    from (select * from {{ dedupe.relation }}) as dbt_ai_rows
    left join dbt_ai_clustered on dbt_ai_clustered.dbt_ai_key = dbt_ai_rows.{{ dedupe.unique_key }}
    left join dbt_ai_records as dbt_ai_first on dbt_ai_first.dbt_ai_number = dbt_ai_clustered.dbt_ai_cluster
  )
{%- endmacro %}

{#- CTEs that end in dbt_ai_matches. How far apart texts are that differ is not the same everywhere, so a pair is measured by its surroundings: the
    mean distance of the k nearest of a text, the larger of the two. Where there are fewer than k others, each that is missing counts as one at
    min_similarity. -#}
{% macro _compared_texts(dedupe) -%}
  {%- set farthest = (1 - dedupe.min_similarity) | round(6) %}
    dbt_ai_neighbours as materialized (
      select dbt_ai_node, dbt_ai_number as dbt_ai_other, 1 - ai_similarity as dbt_ai_distance
      from {{ dbt_ai.ai_search(corpus='dbt_ai_vectors', vector='dbt_ai_vector', k=dedupe.k + 1, query_vector='dbt_ai_vector', query_columns=['dbt_ai_node'],
                               queries='(select dbt_ai_number as dbt_ai_node, dbt_ai_vector from dbt_ai_vectors) as dbt_ai_asked') }} as dbt_ai_nearest
      where dbt_ai_number <> dbt_ai_node
    ),
    dbt_ai_surroundings as materialized (
      select dbt_ai_node, (sum(dbt_ai_distance) + greatest({{ dedupe.k }} - count(*), 0) * {{ farthest }}) / greatest({{ dedupe.k }}, count(*)) as dbt_ai_radius
      from dbt_ai_neighbours
      group by dbt_ai_node
    ),
    dbt_ai_pairs as materialized (
      select dbt_ai_near.dbt_ai_node, dbt_ai_near.dbt_ai_other, dbt_ai_near.dbt_ai_distance, greatest(dbt_ai_one.dbt_ai_radius, dbt_ai_two.dbt_ai_radius) as dbt_ai_radius
      from (
        select least(dbt_ai_node, dbt_ai_other) as dbt_ai_node, greatest(dbt_ai_node, dbt_ai_other) as dbt_ai_other, min(dbt_ai_distance) as dbt_ai_distance
        from dbt_ai_neighbours
        where dbt_ai_distance <= {{ farthest }}
        group by 1, 2
      ) as dbt_ai_near
      join dbt_ai_surroundings as dbt_ai_one on dbt_ai_one.dbt_ai_node = dbt_ai_near.dbt_ai_node
      join dbt_ai_surroundings as dbt_ai_two on dbt_ai_two.dbt_ai_node = dbt_ai_near.dbt_ai_other
    ),
  {%- set same = 'dbt_ai_distance <= greatest(' ~ dedupe.same_within ~ ' * dbt_ai_radius, 0.0001)' -%}
  {%- if dedupe.model is not none %}
    dbt_ai_unsure as materialized (
      select dbt_ai_pairs.dbt_ai_node, dbt_ai_pairs.dbt_ai_other, {{ dbt_ai._two_texts('dbt_ai_one.dbt_ai_text', 'dbt_ai_two.dbt_ai_text') }} as dbt_ai_both
      from dbt_ai_pairs
      join dbt_ai_texts as dbt_ai_one on dbt_ai_one.dbt_ai_number = dbt_ai_pairs.dbt_ai_node
      join dbt_ai_texts as dbt_ai_two on dbt_ai_two.dbt_ai_number = dbt_ai_pairs.dbt_ai_other
      where not ({{ same }}) and dbt_ai_distance <= {{ dedupe.ask_within }} * dbt_ai_radius
    ),
    dbt_ai_decided as materialized (
      select dbt_ai_node, dbt_ai_other, {{ dbt_ai.ai_filter(dedupe.model, 'dbt_ai_both', dedupe.condition) }} as dbt_ai_is_same from dbt_ai_unsure
    ),
  {%- endif %}
    dbt_ai_matches as (
      select dbt_ai_node, dbt_ai_other from dbt_ai_pairs where {{ same }}
    {%- if dedupe.model is not none %}
      union all
      select dbt_ai_node, dbt_ai_other from dbt_ai_decided where dbt_ai_is_same
    {%- endif %}
    )
{%- endmacro %}

{#- CTEs that end in dbt_ai_clusters, the smallest number of each connected component of dbt_ai_edges. Each text has a parent with a smaller number,
    at first itself. In a round a text and its parent take the smallest grandparent of the text's neighbours, so that the way to the smallest number
    halves: a chain of a million texts takes about twenty rounds (FastSV, https://arxiv.org/abs/1910.05971). A recursive query sees the round before
    it, once, and ends with a round that changes nothing. -#}
{% macro _clusters() %}
    dbt_ai_parents as (
      select distinct dbt_ai_node, dbt_ai_node as dbt_ai_parent from dbt_ai_edges
      union all
      (
        with dbt_ai_before as materialized (select dbt_ai_node, dbt_ai_parent from dbt_ai_parents),
        dbt_ai_ahead as materialized (
          select dbt_ai_before.dbt_ai_node, dbt_ai_before.dbt_ai_parent, dbt_ai_next.dbt_ai_parent as dbt_ai_grandparent
          from dbt_ai_before
          join dbt_ai_before as dbt_ai_next on dbt_ai_next.dbt_ai_node = dbt_ai_before.dbt_ai_parent
        ),
        dbt_ai_nearby as materialized (
          select dbt_ai_edges.dbt_ai_node, min(dbt_ai_ahead.dbt_ai_grandparent) as dbt_ai_smallest
          from dbt_ai_edges
          join dbt_ai_ahead on dbt_ai_ahead.dbt_ai_node = dbt_ai_edges.dbt_ai_other
          group by dbt_ai_edges.dbt_ai_node
        ),
        dbt_ai_after as materialized (
          select dbt_ai_node, min(dbt_ai_parent) as dbt_ai_parent
          from (
            select dbt_ai_node, dbt_ai_grandparent as dbt_ai_parent from dbt_ai_ahead
            union all
            select dbt_ai_node, dbt_ai_smallest from dbt_ai_nearby
            union all
            select dbt_ai_ahead.dbt_ai_parent, dbt_ai_nearby.dbt_ai_smallest
            from dbt_ai_nearby
            join dbt_ai_ahead on dbt_ai_ahead.dbt_ai_node = dbt_ai_nearby.dbt_ai_node
          ) as dbt_ai_offered
          group by dbt_ai_node
        )
        select dbt_ai_node, dbt_ai_parent
        from dbt_ai_after
        where exists (
          select 1
          from dbt_ai_after as dbt_ai_changed
          join dbt_ai_before on dbt_ai_before.dbt_ai_node = dbt_ai_changed.dbt_ai_node
          where dbt_ai_changed.dbt_ai_parent < dbt_ai_before.dbt_ai_parent
        )
      )
    ),
    dbt_ai_clusters as (
      select dbt_ai_node, min(dbt_ai_parent) as dbt_ai_cluster from dbt_ai_parents group by dbt_ai_node
    )
{% endmacro %}

{#- Two texts as one, in one order whichever comes first, so that no pair is asked twice. -#}
{% macro _two_texts(one, other) -%}
  {{ return(dbt_ai._concatenation([dbt_ai._string_literal('First text: '), 'least(' ~ one ~ ', ' ~ other ~ ')',
       dbt_ai._string_literal('\n\nSecond text: '), 'greatest(' ~ one ~ ', ' ~ other ~ ')'])) }}
{%- endmacro %}

{#- Refuse what cannot work, in one sentence. -#}
{% macro _require_dedupe(dedupe) -%}
  {%- do dbt_ai._require_expression('ai_dedupe', 'text', dedupe.text) -%}
  {%- do dbt_ai._require_text('ai_dedupe', 'condition', dedupe.condition, 'Both texts name the same company.') -%}
  {%- if dedupe.relation is undefined or not dedupe.relation -%}
    {% do exceptions.raise_compiler_error("ai_dedupe: relation is missing; give the relation whose rows are compared, such as ref('companies')") %}
  {%- elif dedupe.embedder is undefined or not dedupe.embedder -%}
    {% do exceptions.raise_compiler_error("ai_dedupe: embedder is missing; give the external model that makes vectors of the texts, such as ref('embedder')") %}
  {%- elif dedupe.unique_key is not string or not modules.re.match('([A-Za-z_][A-Za-z0-9_]*|"[^"]+")$', dedupe.unique_key) -%}
    {% do exceptions.raise_compiler_error('ai_dedupe: unique_key is ' ~ dedupe.unique_key ~ "; give the name of one column, such as 'company_id', in double quotes where it is a word of SQL") %}
  {%- elif dedupe.k is not integer or dedupe.k is boolean or dedupe.k < 2 or dedupe.k > 1000 -%}
    {% do exceptions.raise_compiler_error('ai_dedupe: k is ' ~ tojson(dedupe.k) ~ '; give how many neighbours of a text are compared with it, 2 to 1000') %}
  {%- endif -%}
  {%- for name in ['same_within', 'ask_within'] if dedupe[name] is not number or dedupe[name] is boolean or dedupe[name] < 0 or dedupe[name] > 10 -%}
    {% do exceptions.raise_compiler_error('ai_dedupe: ' ~ name ~ ' is ' ~ dedupe[name] ~ "; give a share of the mean distance of a text's neighbours, 0 to 10, such as 0.7") %}
  {%- endfor -%}
  {%- if dedupe.min_similarity is not number or dedupe.min_similarity is boolean or dedupe.min_similarity < -1 or dedupe.min_similarity > 1 -%}
    {% do exceptions.raise_compiler_error('ai_dedupe: min_similarity is ' ~ dedupe.min_similarity ~ '; give a cosine, -1 to 1') %}
  {%- elif dedupe.model is not none and dedupe.ask_within <= dedupe.same_within -%}
    {% do exceptions.raise_compiler_error('ai_dedupe: ask_within is ' ~ dedupe.ask_within ~ ' and same_within ' ~ dedupe.same_within ~ '; the model is asked about pairs between the two, so give a larger ask_within') %}
  {%- endif -%}
  {%- do dbt_ai._require_columns('ai_dedupe', 'unique_key', [dedupe.unique_key], dedupe.relation) -%}
  {%- do dbt_ai._require_free_names('ai_dedupe', 'relation', ['ai_cluster'], dedupe.relation) -%}
  {%- do dbt_ai._require_identifying('ai_dedupe', 'unique_key', [dedupe.unique_key], dedupe.relation) -%}
{%- endmacro %}
