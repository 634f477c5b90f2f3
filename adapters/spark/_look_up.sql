{#- The functions of `dbt-ai spark` answer here, unless the way is set to runtime. -#}
{% macro spark___is_looked_up(function, external_model) %}
  {{ return(dbt_ai._way_that_is_set() == 'runtime') }}
{% endmacro %}

{% macro spark___key(text) %}
  {{ return('sha2(' ~ text ~ ', 256)') }}
{% endmacro %}

{% macro spark___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{% macro spark___only(expression, column) %}
  {{ return(('any_value(' if column == 'vector' else 'max(') ~ expression ~ ')') }}
{% endmacro %}

{% macro spark___as_type(text, type) %}
  {{ return(dbt_ai._spark_typed("(" ~ text ~ " || 'Z')" if type.name == 'TIMESTAMP' else text, type)) }}
{% endmacro %}

{% macro spark___with_error(value, error, type) %}
  {{ return("named_struct('response', " ~ value ~ ", 'errorStatus', " ~ error ~ ')') }}
{% endmacro %}

{% macro spark___is_native(function, external_model) %}
  {{ return(true) }}
{% endmacro %}

{% macro spark___json_of(expression) %}
  {%- set list = 'to_json(array(' ~ expression ~ "), map('ignoreNullFields', 'false'))" -%}
  {{ return('substring(' ~ list ~ ', 2, length(' ~ list ~ ') - 2)') }}
{% endmacro %}

{#- Spark decides the type while it plans. -#}
{% macro spark___is_nested(expression) %}
  {{ return(expression ~ ' is not null and typeof' ~ expression ~ " rlike '^(struct|array|map)<'") }}
{% endmacro %}

{% macro spark___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() == 'runtime') }}
{% endmacro %}
