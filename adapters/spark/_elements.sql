{% macro spark___elements(relation, column, alias) -%}
  select explode({{ column }}) as {{ alias }} from {{ relation }}
{%- endmacro %}
