{% macro fabric___create_or_replace_view(relation, sql) %}
  create or alter view {{ relation.include(database=false) }} as
  {{ sql }}
{% endmacro %}
