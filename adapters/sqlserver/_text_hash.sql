{% macro sqlserver___text_hash(expression) %}
  {{ return("convert(varchar(64), hashbytes('SHA2_256', cast(" ~ expression ~ " as nvarchar(max))), 2)") }}
{% endmacro %}
