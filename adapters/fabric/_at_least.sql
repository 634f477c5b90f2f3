{#- T-SQL has no comparison that is a value. -#}
{% macro fabric___at_least(number, threshold) -%}
  {{ return('cast(case when ' ~ number ~ ' >= ' ~ threshold ~ ' then 1 when ' ~ number ~ ' < ' ~ threshold ~ ' then 0 end as bit)') }}
{%- endmacro %}
