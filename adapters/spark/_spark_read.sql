{#- JSON text as the return type that was asked for. options: of from_json, which is strict with them and NULL without. -#}
{% macro _spark_read(text, read, options=none) %}
  {%- if not read.wrapped and read.type.name == 'VARIANT' -%}
    {{ return(('parse_json(' if options else 'try_parse_json(') ~ text ~ ')') }}
  {%- endif -%}
  {%- set type = dbt_ai._answer_struct(read) -%}
  {%- set parsed = 'from_json(' ~ text ~ ', ' ~ dbt_ai._string_literal(dbt_ai._type_ddl(type)) ~ (', ' ~ options if options else '') ~ ')' -%}
  {{ return(parsed ~ '.answer' if read.wrapped else parsed) }}
{% endmacro %}

{#- STRUCT(response STRING, errorStatus STRING) with its response read as the return type; exactly one of the two is NULL. The lambda
    names the answer once: an expression that calls a model must not stand in the SQL twice. -#}
{% macro _spark_read_or_error(answer, return_type) %}
  {%- if not return_type -%}{{ return(answer) }}{%- endif -%}
  {%- set read = dbt_ai._spark_read('answer.response', return_type) -%}
  {{ return("element_at(transform(array(" ~ answer ~ "), answer -> named_struct('response', " ~ read
      ~ ", 'errorStatus', coalesce(answer.errorStatus, case when " ~ read ~ " is null then concat('the answer is not ', "
      ~ dbt_ai._string_literal(dbt_ai._type_ddl(return_type.type)) ~ ", ': ', substr(answer.response, 1, 100)) end))), 1)") }}
{% endmacro %}
