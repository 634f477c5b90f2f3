{#- Refuse a relation of which several rows, or one without a value, cannot be told apart by these columns. What is not built yet is not looked at. -#}
{% macro _require_identifying(function, argument, columns, relation) -%}
  {%- if execute and not dbt_ai._in_unit_test() and dbt_ai._is_built(relation) -%}
    {%- set rows = '(select * from ' ~ relation ~ ') as dbt_ai_rows' -%}
    {%- set known = columns | join(' is not null and ') ~ ' is not null' -%}
    {%- set counted = run_query('select (select count(*) from ' ~ rows ~ '), (select count(*) from (select distinct ' ~ columns | join(', ')
          ~ ' from ' ~ rows ~ ' where ' ~ known ~ ') as dbt_ai_known)').rows[0] -%}
    {%- if counted[0] | int != counted[1] | int -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ columns | join(', ') ~ ' does not identify the rows of ' ~ relation ~ ', which has '
          ~ '{:,}'.format(counted[0] | int) ~ ' rows and ' ~ '{:,}'.format(counted[1] | int) ~ ' different values that are not NULL; give what is unique and never NULL') %}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
