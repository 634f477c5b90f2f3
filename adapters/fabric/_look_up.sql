{#- Its functions ask a model of Microsoft's choice. -#}
{% macro fabric___is_native(function, external_model) %}
  {{ return(external_model.literal or function not in ('ai_embed', 'ai_filter', 'create_external_model')) }}
{% endmacro %}

{% macro fabric___key(text) %}
  {{ return("lower(convert(varchar(64), hashbytes('SHA2_256', " ~ text ~ "), 2))") }}
{% endmacro %}

{% macro fabric___column(name) %}
  {{ return(dbt_ai.sqlserver___column(name)) }}
{% endmacro %}

{% macro fabric___as_type(text, type) %}
  {{ return(dbt_ai.sqlserver___as_type(text, type)) }}
{% endmacro %}

{% macro fabric___with_error(value, error, type) %}
  {{ return(dbt_ai.sqlserver___with_error(value, error, type)) }}
{% endmacro %}

{% macro fabric___json_of(expression) %}
  {{ return(dbt_ai._concatenation([dbt_ai._string_literal('"'), "string_escape(" ~ dbt_ai._uncut(expression) ~ ", 'json')", dbt_ai._string_literal('"')])) }}
{% endmacro %}

{% macro fabric___by_bytes(text) %}
  {{ return(dbt_ai.sqlserver___by_bytes(text)) }}
{% endmacro %}
