{#- JSON text as the type that was asked for. -#}
{% macro _spark_read(text, type, options=none) %}
  {%- set outer = dbt_ai._wrapped_type(type) -%}
  {%- set read = 'from_json(' ~ text ~ ', ' ~ dbt_ai._string_literal(dbt_ai._type_ddl(outer)) ~ (', ' ~ options if options else '') ~ ')' -%}
  {{ return(read ~ '.answer' if outer.wrapper else read) }}
{% endmacro %}

{#- STRUCT(response STRING, errorStatus STRING) with its response read as the type; exactly one of the two is NULL. The lambda names
    the answer once: an expression that calls a model must not stand in the SQL twice. -#}
{% macro _spark_read_or_error(answer, type) %}
  {%- if not type -%}{{ return(answer) }}{%- endif -%}
  {%- set read = dbt_ai._spark_read('answer.response', type) -%}
  {{ return("element_at(transform(array(" ~ answer ~ "), answer -> named_struct('response', " ~ read
      ~ ", 'errorStatus', coalesce(answer.errorStatus, case when " ~ read ~ " is null then concat('the answer is not ', "
      ~ dbt_ai._string_literal(dbt_ai._type_ddl(type)) ~ ", ': ', substr(answer.response, 1, 100)) end))), 1)") }}
{% endmacro %}
