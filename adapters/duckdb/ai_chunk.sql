{# Starts stop where a chunk would lie wholly inside the one before it. To find a character DuckDB counts those before it, so chunks are cut from
   blocks and not from the whole text: of as many chunks each as there are blocks. A list of a text's chunks, since DuckDB joins what a subquery has
   made of a text to it by comparing texts. `list_transform([x], lambda name: …)[1]` gives a value a name. #}
{% macro duckdb__ai_chunk(text, chunk_size, overlap, alias) -%}
  {%- set shared = chunk_size * overlap // 100 -%}
  {%- set step = chunk_size - shared %}
  cross join lateral (
    select unnest(list_transform([cast({{ text }} as varchar)], lambda dbt_ai_body: list_transform([struct_pack(
        whole := length(dbt_ai_body), starts := greatest(length(dbt_ai_body) - {{ shared }}, 1), block := {{ step }} * cast(ceil(sqrt(length(dbt_ai_body) / {{ step }})) as bigint))],
      lambda dbt_ai_length: flatten(list_transform(case when dbt_ai_length.whole > 0 then range(0, dbt_ai_length.starts, dbt_ai_length.block) end,
        lambda dbt_ai_start: list_transform([substr(dbt_ai_body, dbt_ai_start + 1, dbt_ai_length.block + {{ shared }})],
          lambda dbt_ai_block: list_transform(range(0, least(dbt_ai_length.block, dbt_ai_length.starts - dbt_ai_start), {{ step }}),
            lambda dbt_ai_within: struct_pack(
              chunk := substr(dbt_ai_block, dbt_ai_within + 1, {{ chunk_size }}),
              chunk_order := (dbt_ai_start + dbt_ai_within) // {{ step }} + 1,
              chunk_offset := dbt_ai_start + dbt_ai_within + 1,
              chunk_length := least({{ chunk_size }}, dbt_ai_length.whole - dbt_ai_start - dbt_ai_within))))[1])))[1])[1], recursive := true)
  ) as {{ alias }}
{%- endmacro %}
