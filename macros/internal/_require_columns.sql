{#- Refuse names that are no columns of a relation, with those that it has. -#}
{% macro _require_columns(function, argument, names, relation) -%}
  {%- set columns = dbt_ai._built_columns(relation) -%}
  {%- if columns -%}
    {%- set known = columns | map(attribute='name') | list -%}
    {%- for name in names if name | replace('"', '') | lower not in known | map('lower') | list -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' has ' ~ name ~ ', which is no column of ' ~ relation ~ '; it has ' ~ known[:20] | join(', ') ~ (', …' if known | length > 20)) %}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{#- Refuse a column that holds texts or numbers in the place of vectors, in whose type no engine says which column is wrong. -#}
{% macro _require_vectors(function, argument, name, relation) -%}
  {%- for column in dbt_ai._built_columns(relation) if column.name | lower == name | replace('"', '') | lower and (column.is_string() or column.is_number()) -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' is the column ' ~ name ~ ' of ' ~ relation ~ ', whose type is ' ~ column.dtype
         ~ '; give a column of vectors, as ai_embed makes them. Vectors that are written as texts have to be cast in the model that builds them') %}
  {%- endfor -%}
{%- endmacro %}

{#- The columns of a relation; none of one that is not built yet. -#}
{% macro _built_columns(relation) -%}
  {{ return(adapter.get_columns_in_relation(load_relation(relation)) if execute and not dbt_ai._in_unit_test() and dbt_ai._is_built(relation) else []) }}
{%- endmacro %}
