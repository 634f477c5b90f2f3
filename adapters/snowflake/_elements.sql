{% macro snowflake___elements(relation, column, alias) -%}
  select element.value::varchar as {{ alias }} from {{ relation }}, lateral flatten(input => {{ column }}) as element
{%- endmacro %}
