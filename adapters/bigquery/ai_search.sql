{# VECTOR_SEARCH uses the vector index of the column if it has one, and else compares every row. #}
{% macro bigquery__ai_search(search) -%}
  {%- if search.text -%}{{ return(dbt_ai.default__ai_search(search)) }}{%- endif -%}
  (
    select {{ dbt_ai._search_columns(search, 'query') }}base.*, 1 - distance as ai_similarity,
      row_number() over ({% if search.query_columns %}partition by {{ dbt_ai._search_columns(search, 'query') | trim | trim(',') }} {% endif %}order by distance) as {{ search.rank_column }}
    from VECTOR_SEARCH(
      ({{ dbt_ai._search_rows(search) }}), '{{ search.vector }}', ({{ search.questions }}), query_column_to_search => 'dbt_ai_query_vector',
      top_k => {{ search.k }}, distance_type => 'COSINE')
    {%- if search.min_similarity is not none %}
    where 1 - distance >= {{ search.min_similarity }}
    {%- endif %}
  )
{%- endmacro %}
