{# A vector of zeros has no direction: NULL, as on every engine. VECTOR_SEARCH is not used: it may not stand in a view, and dbt-sqlserver builds tables from views. #}
{% macro sqlserver__ai_cosine_distance(left, right) -%}
  (select case when VECTOR_NORM(v.a, 'norm2') > 0 and VECTOR_NORM(v.b, 'norm2') > 0 then VECTOR_DISTANCE('cosine', v.a, v.b) end
    from (select {{ left }} as a, {{ right }} as b) as v)
{%- endmacro %}
