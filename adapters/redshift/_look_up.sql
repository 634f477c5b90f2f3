{% macro redshift___is_native(function, external_model) %}
  {{ return(external_model.literal or ('redshift' in (external_model.native or {}) and function != 'ai_embed')) }}
{% endmacro %}

{% macro redshift___key(text) %}
  {{ return('sha2(' ~ text ~ ', 256)') }}
{% endmacro %}

{% macro redshift___stored_column(column) %}
  {{ return(dbt_ai.default___stored_column(column)) }}
{% endmacro %}

{#- What is nested is SUPER. -#}
{% macro redshift___as_type(text, type) %}
  {%- if type.kind in ('struct', 'array', 'map') or type.name == 'VARIANT' -%}{{ return('json_parse(' ~ text ~ ')') }}{%- endif -%}
  {{ return(dbt_ai.postgres___as_type(text, type)) }}
{% endmacro %}

{% macro redshift___as_vector(vector, dimensions) %}
  {{ return('json_parse(' ~ vector ~ ')') }}
{% endmacro %}

{% macro redshift___with_error(value, error, type) %}
  {%- set vector = type.kind == 'array' and not value.startswith('json_parse(') -%}
  {{ return("object('response', " ~ ('json_parse(' ~ value ~ ')' if vector else value) ~ ", 'errorStatus', " ~ error ~ ')') }}
{% endmacro %}

{% macro redshift___json_of(expression) %}
  {%- set object = "json_serialize(object('v', " ~ expression ~ '))' -%}
  {{ return('substring(' ~ object ~ ', 6, len(' ~ object ~ ') - 6)') }}
{% endmacro %}

{% macro redshift___is_text(expression) %}
  {{ return(dbt_ai.default___is_text(expression)) }}
{% endmacro %}

{% macro redshift___is_nested(expression) %}
  {{ return(dbt_ai.default___is_nested(expression)) }}
{% endmacro %}

{% macro redshift___in_utc(expression) %}
  {{ return(dbt_ai.default___in_utc(expression)) }}
{% endmacro %}

{% macro redshift___asks_in_json() %}
  {{ return(dbt_ai.default___asks_in_json()) }}
{% endmacro %}

{% macro redshift___by_bytes(text) %}
  {{ return(dbt_ai.default___by_bytes(text)) }}
{% endmacro %}

{% macro redshift___hex_key(text) %}
  {{ return(dbt_ai.default___hex_key(text)) }}
{% endmacro %}
