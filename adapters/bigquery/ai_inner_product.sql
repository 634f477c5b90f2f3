{# BigQuery has distances only. #}
{% macro bigquery__ai_inner_product(left, right) -%}
  (select if(v.a is null or v.b is null, null, (select sum(x * v.b[offset(i)]) from unnest(v.a) as x with offset as i))
    from (select {{ left }} as a, {{ right }} as b) as v)
{%- endmacro %}
