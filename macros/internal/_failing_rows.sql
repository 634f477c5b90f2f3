{#- What a generic test finds, for a line that says it: dbt tells of a failed test how many rows its SQL gave, which is one where they are counted. -#}
{% macro _failing_rows(failing) -%}
  {{ return(run_query(failing).rows if execute and flags.WHICH in ('test', 'build') else []) }}
{%- endmacro %}
