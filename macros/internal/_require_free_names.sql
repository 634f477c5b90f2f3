{#- Refuse a relation with a column of a name that the result has for something else: engines rename one of the two without a word. What is not
    built yet is not looked at. -#}
{% macro _require_free_names(function, argument, names, relation) -%}
  {%- if execute and not dbt_ai._in_unit_test() and dbt_ai._is_built(relation) -%}
    {%- set taken = names | map('lower') | list -%}
    {%- for column in adapter.get_columns_in_relation(load_relation(relation)) if column.name | lower in taken -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ relation ~ ' has a column ' ~ column.name ~ ', and so has the result, for something else; rename it in the model that is read') %}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
