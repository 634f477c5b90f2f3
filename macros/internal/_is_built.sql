{#- Whether an argument is a relation that is in the database now. An ephemeral model is a CTE, which dbt cannot look up. -#}
{% macro _is_built(relation) -%}
  {{ return(relation is not string and relation.identifier is defined and not relation.is_cte and load_relation(relation) is not none) }}
{%- endmacro %}
