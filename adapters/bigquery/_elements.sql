{% macro bigquery___elements(relation, column, alias) -%}
  select element as {{ alias }} from {{ relation }} cross join unnest({{ column }}) as element
{%- endmacro %}
