{% macro snowflake___key(text) %}
  {{ return('sha2(' ~ text ~ ', 256)') }}
{% endmacro %}

{% macro snowflake___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{#- max() takes no array. -#}
{% macro snowflake___only(expression, column) %}
  {{ return(('any_value(' if column == 'vector' else 'max(') ~ expression ~ ')') }}
{% endmacro %}

{% macro snowflake___as_type(text, type) %}
  {%- if type.kind in ('struct', 'array', 'map') -%}{{ return('cast(parse_json(' ~ text ~ ') as ' ~ dbt_ai._snowflake_type(type) ~ ')') }}
  {%- elif type.name == 'VARIANT' -%}{{ return('parse_json(' ~ text ~ ')') }}
  {%- elif type.name == 'TIMESTAMP' -%}{{ return('cast((' ~ text ~ " || 'Z') as TIMESTAMP_TZ)") }}
  {%- endif -%}
  {{ return('cast(' ~ text ~ ' as ' ~ dbt_ai._snowflake_type(type) ~ ')') }}
{% endmacro %}

{#- A VECTOR has a length. -#}
{% macro snowflake___as_vector(vector, dimensions) %}
  {%- if not dimensions -%}
    {{ dbt_ai._unsupported('ai_embed of an external model without dimensions', 'AI029', "a VECTOR has a length there: add parameters={'dimensions': 384} to its create_external_model, or to the call") }}
  {%- endif -%}
  {{ return('cast(' ~ vector ~ ' as VECTOR(FLOAT, ' ~ dimensions ~ '))') }}
{% endmacro %}

{% macro snowflake___with_error(value, error, type) %}
  {{ return("cast(object_construct_keep_null('response', " ~ value ~ ", 'errorStatus', " ~ error ~ ') as OBJECT(response '
      ~ dbt_ai._snowflake_type(type) ~ ', "errorStatus" VARCHAR))') }}
{% endmacro %}

{% macro snowflake___json_of(expression) %}
  {{ return('to_json(to_variant(' ~ expression ~ '))') }}
{% endmacro %}
