{#- The functions of `dbt-ai serve` answer here, unless the way is set to runtime. -#}
{% macro databend___is_looked_up(function, external_model) %}
  {{ return(dbt_ai._way_that_is_set() == 'runtime') }}
{% endmacro %}

{#- FUNCTION is a word of the language. -#}
{% macro databend___column(name) %}
  {{ return('"' ~ name ~ '"') }}
{% endmacro %}

{% macro databend___key(text) %}
  {{ return('sha2(' ~ text ~ ', 256)') }}
{% endmacro %}

{% macro databend___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{% macro databend___only(expression, column) %}
  {{ return(('any(' if column == 'vector' else 'max(') ~ expression ~ ')') }}
{% endmacro %}

{% macro databend___as_type(text, type) %}
  {%- set sql_type = dbt_ai._databend_type(type) -%}
  {%- if sql_type == 'variant' -%}{{ return('parse_json(' ~ text ~ ')') }}{%- endif -%}
  {{ return('cast(' ~ ('parse_json(' ~ text ~ ')' if type.kind == 'array' else text) ~ ' as ' ~ sql_type ~ ')') }}
{% endmacro %}

{% macro databend___with_error(value, error, type) %}
  {{ return("json_object_keep_null('response', " ~ value ~ ", 'errorStatus', " ~ error ~ ')') }}
{% endmacro %}

{#- to_variant leaves a text as it is; a list of it has its quotes and escapes. -#}
{% macro databend___json_of(expression) %}
  {%- set list = 'to_string(json_array(' ~ expression ~ '))' -%}
  {{ return('substr(' ~ list ~ ', 2, length(' ~ list ~ ') - 2)') }}
{% endmacro %}

{% macro databend___is_native(function, external_model) %}
  {{ return(true) }}
{% endmacro %}

{% macro databend___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() == 'runtime') }}
{% endmacro %}
