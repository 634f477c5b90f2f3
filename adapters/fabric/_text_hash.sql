{#- Fabric Warehouse has no nvarchar. -#}
{% macro fabric___text_hash(expression) %}
  {{ return("convert(varchar(64), hashbytes('SHA2_256', cast(" ~ expression ~ " as varchar(max))), 2)") }}
{% endmacro %}
