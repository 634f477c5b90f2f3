{#- Refuse names that are no columns of a relation, with those that it has. What is not built yet is not looked at. -#}
{% macro _require_columns(function, argument, names, relation) -%}
  {%- if execute and not dbt_ai._in_unit_test() and dbt_ai._is_built(relation) -%}
    {%- set known = adapter.get_columns_in_relation(load_relation(relation)) | map(attribute='name') | list -%}
    {%- for name in names if name | replace('"', '') | lower not in known | map('lower') | list -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' has ' ~ name ~ ', which is no column of ' ~ relation ~ '; it has ' ~ known[:20] | join(', ') ~ (', …' if known | length > 20)) %}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
