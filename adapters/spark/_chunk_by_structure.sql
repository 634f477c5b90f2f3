{#- The places are those of dbt_ai/chunks.py, with the same patterns. A fold cuts one chunk in each step, until the text has ended. There are never
    more chunks than characters, and a fold cannot stop: so it is a fold of folds, each of as many steps as the root of that. The end of a chunk is the last place within reach, from the end of the one before on; the
    next one starts with the first sentence or word in what it may repeat. `transform(array(x), name -> …)[0]` gives a value a name. -#}
{% macro spark___chunk_by_structure(text, chunk_size, shared, alias, places, tokens_of) -%}
  {%- if tokens_of is not none -%}
    {{ dbt_ai._unsupported('ai_chunk with tokens_of', 'AI035', 'leave tokens_of out, and give chunk_size in characters') }}
  {%- endif -%}
  {%- set begins = places | select('in', ['sentences', 'words']) | list -%}
  {%- set blank = "' \\t\\r\\n'" %}
  cross join lateral (
    select
      dbt_ai_chunk.dbt_ai_text as chunk,
      cast(dbt_ai_place as bigint) + 1 as chunk_order,
      cast(dbt_ai_chunk.dbt_ai_start as bigint) + 1 as chunk_offset,
      dbt_ai_chunk.dbt_ai_end - dbt_ai_chunk.dbt_ai_start as chunk_length
    from (
      select posexplode(case when dbt_ai_body <> '' then aggregate(
        sequence(1, cast(ceil(sqrt(length(dbt_ai_body))) as int)),
        named_struct('dbt_ai_length', length(dbt_ai_body), 'dbt_ai_start', 0, 'dbt_ai_end', 0,
          'dbt_ai_cuts', cast(array() as array<struct<dbt_ai_start: int, dbt_ai_end: int, dbt_ai_text: string>>)),
        (dbt_ai_part, dbt_ai_fold) -> case when dbt_ai_part.dbt_ai_end >= dbt_ai_part.dbt_ai_length then dbt_ai_part else
        aggregate(sequence(1, cast(ceil(sqrt(dbt_ai_part.dbt_ai_length)) as int)), dbt_ai_part,
        (dbt_ai_cut, dbt_ai_step) -> case when dbt_ai_cut.dbt_ai_end >= dbt_ai_cut.dbt_ai_length then dbt_ai_cut else
          transform(transform(transform(array(greatest(dbt_ai_cut.dbt_ai_end - {{ shared }}, dbt_ai_cut.dbt_ai_start + 1)),
            dbt_ai_earliest -> case when dbt_ai_earliest >= dbt_ai_cut.dbt_ai_end then dbt_ai_cut.dbt_ai_end
              else dbt_ai_earliest + transform(array(rtrim({{ blank }}, substr(dbt_ai_body, dbt_ai_earliest + 1, dbt_ai_cut.dbt_ai_end - dbt_ai_earliest))),
                dbt_ai_tail -> coalesce({% for place in begins %}{{ dbt_ai._spark_length_of_match('dbt_ai_tail', '^.*?', place) }}, {% endfor %}0))[0] end),
            dbt_ai_start -> named_struct('dbt_ai_start', dbt_ai_start, 'dbt_ai_end', case when dbt_ai_start + {{ chunk_size }} >= dbt_ai_cut.dbt_ai_length then dbt_ai_cut.dbt_ai_length
              else dbt_ai_cut.dbt_ai_end + transform(array(substr(dbt_ai_body, dbt_ai_cut.dbt_ai_end + 1, dbt_ai_start + {{ chunk_size }} - dbt_ai_cut.dbt_ai_end)),
                dbt_ai_window -> coalesce({% for place in places %}{{ dbt_ai._spark_length_of_match('dbt_ai_window', '^.*', place) }}, {% endfor %}length(dbt_ai_window)))[0] end)),
            dbt_ai_next -> named_struct('dbt_ai_length', dbt_ai_cut.dbt_ai_length, 'dbt_ai_start', dbt_ai_next.dbt_ai_start, 'dbt_ai_end', dbt_ai_next.dbt_ai_end,
              'dbt_ai_cuts', concat(dbt_ai_cut.dbt_ai_cuts, array(named_struct('dbt_ai_start', dbt_ai_next.dbt_ai_start, 'dbt_ai_end', dbt_ai_next.dbt_ai_end,
                'dbt_ai_text', substr(dbt_ai_body, dbt_ai_next.dbt_ai_start + 1, dbt_ai_next.dbt_ai_end - dbt_ai_next.dbt_ai_start))))))[0] end) end,
        dbt_ai_cut -> dbt_ai_cut.dbt_ai_cuts) end) as (dbt_ai_place, dbt_ai_chunk)
      from (select cast({{ text }} as string) as dbt_ai_body) as dbt_ai_text
    ) as dbt_ai_chunks
  ) as {{ alias }}
{%- endmacro %}

{#- How much of a text a pattern takes, NULL where it is not there. -#}
{% macro _spark_length_of_match(text, before, place) -%}
  nullif(length(regexp_extract({{ text }}, {{ dbt_ai._string_literal('(?s)' ~ before ~ dbt_ai._chunk_ends()[place]) }}, 0)), 0)
{%- endmacro %}
