{# SQL Server's 'dot' is the negative inner product. #}
{% macro sqlserver__ai_inner_product(left, right) -%}
  (-VECTOR_DISTANCE('dot', {{ left }}, {{ right }}))
{%- endmacro %}
