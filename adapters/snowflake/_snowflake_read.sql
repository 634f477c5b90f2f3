{#- An answer of AI_COMPLETE as the return type; text where there is none. The lambda names the answer once: a call must not stand in
    the SQL twice. -#}
{% macro _snowflake_read(answer, read) %}
  {%- if not read -%}{{ return(answer ~ '::VARCHAR') }}{%- endif -%}
  {%- set type = '::' ~ dbt_ai._snowflake_type(read.type) -%}
  {%- if dbt_ai._snowflake_value(answer, read) == answer ~ (':answer' if read.wrapped else '') -%}
    {{ return(answer ~ (':answer' if read.wrapped else '') ~ type) }}
  {%- endif -%}
  {{ return('TRANSFORM([' ~ answer ~ '], answer -> ' ~ dbt_ai._snowflake_value('answer', read) ~ ')[0]' ~ type) }}
{% endmacro %}

{% macro _snowflake_value(value, read) %}
  {%- if not read -%}{{ return(value) }}
  {%- elif not read.wrapped and read.type.name == 'VARIANT' -%}{{ return('PARSE_JSON(' ~ value ~ '::VARCHAR)') }}
  {%- endif -%}
  {{ return(dbt_ai._snowflake_completed(value ~ (':answer' if read.wrapped else ''), read.type, 1)) }}
{% endmacro %}

{#- The value with every field of the type, null where the model left one out: a cast to OBJECT(…) fails where one is missing.
    https://docs.snowflake.com/en/sql-reference/data-types-structured#casting-semi-structured-object-and-variant-values-to-structured-object-values -#}
{% macro _snowflake_completed(value, type, depth) %}
  {%- if not dbt_ai._may_lack_fields(type) -%}{{ return(value) }}
  {%- elif type.kind == 'array' -%}
    {{ return('TRANSFORM(' ~ value ~ '::ARRAY, item' ~ depth ~ ' -> ' ~ dbt_ai._snowflake_completed('item' ~ depth, type.element, depth + 1) ~ ')') }}
  {%- elif type.kind == 'map' -%}
    {% do exceptions.raise_compiler_error('AI009: a MAP whose values have fields that may be NULL; Snowflake reads them if each field is NOT NULL') %}
  {%- endif -%}
  {%- set fields = [] -%}
  {%- for field in type.fields -%}
    {%- set name = dbt_ai._string_literal(field.name) -%}
    {%- do fields.append(name ~ ', ' ~ dbt_ai._snowflake_completed('GET(' ~ value ~ '::OBJECT, ' ~ name ~ ')', field.type, depth)) -%}
  {%- endfor -%}
  {{ return('IFF(' ~ value ~ '::OBJECT IS NULL, NULL, OBJECT_CONSTRUCT_KEEP_NULL(' ~ fields | join(', ') ~ '))') }}
{% endmacro %}

{% macro _may_lack_fields(type) %}
  {%- if type.kind == 'array' -%}{{ return(dbt_ai._may_lack_fields(type.element)) }}
  {%- elif type.kind == 'map' -%}{{ return(dbt_ai._may_lack_fields(type.value)) }}
  {%- elif type.kind == 'struct' -%}
    {%- for field in type.fields if field.nullable or dbt_ai._may_lack_fields(field.type) -%}{{ return(true) }}{%- endfor -%}
  {%- endif -%}
  {{ return(false) }}
{% endmacro %}
