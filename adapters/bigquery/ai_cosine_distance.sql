{# COSINE_DISTANCE raises on a vector of zeros. The subquery names each operand once: an operand that calls a model must not be paid twice. #}
{% macro bigquery__ai_cosine_distance(left, right) -%}
  (select if(0 in ((select sum(x * x) from unnest(v.a) as x), (select sum(x * x) from unnest(v.b) as x)), null, COSINE_DISTANCE(v.a, v.b))
    from (select {{ left }} as a, {{ right }} as b) as v)
{%- endmacro %}
