{# VECTOR_SEARCH is not used: it may not stand in a view, and dbt-sqlserver builds tables from views. #}
{% macro sqlserver__ai_search(search) -%}
  {%- if search.text -%}{{ return(dbt_ai.default__ai_search(search)) }}{%- endif -%}
  {%- set distance = "VECTOR_DISTANCE('cosine', dbt_ai_rows." ~ search.vector ~ ", dbt_ai_queries.dbt_ai_query_vector)" %}
  (
    select {{ dbt_ai._search_columns(search) }}dbt_ai_found.*
    from ({{ search.questions }}) as dbt_ai_queries
    cross apply (
      select top ({{ search.k }}) dbt_ai_rows.*, 1 - {{ distance }} as ai_similarity, row_number() over (order by {{ distance }}) as {{ search.rank_column }}
      from ({{ dbt_ai._search_rows(search) }}) as dbt_ai_rows
      where 1 - {{ distance }} {{ dbt_ai._search_threshold(search) }}
      order by {{ distance }}
    ) as dbt_ai_found
  )
{%- endmacro %}
