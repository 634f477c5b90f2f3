{#- A provider that is named has functions for every model. -#}
{% macro postgres___is_native(function, external_model) %}
  {{ return(external_model.literal or var('dbt_ai_postgres_provider', none) is not none) }}
{% endmacro %}

{% macro postgres___key(text) %}
  {{ return('sha256(convert_to(' ~ text ~ ", 'UTF8'))") }}
{% endmacro %}

{% macro postgres___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{% macro postgres___as_type(text, type) %}
  {#- Answers are in UTC and do not say so. -#}
  {{ return(dbt_ai._postgres_cast("(" ~ text ~ " || 'Z')" if type.name == 'TIMESTAMP' else text, type)) }}
{% endmacro %}

{#- A pgvector value, as on the native way; an index wants its length. -#}
{% macro postgres___as_vector(vector, dimensions) %}
  {{ return('cast(' ~ vector ~ ' as vector' ~ ('(' ~ dimensions ~ ')' if dimensions else '') ~ ')') }}
{% endmacro %}

{% macro postgres___with_error(value, error, type) %}
  {{ return("jsonb_build_object('response', " ~ value ~ ", 'errorStatus', " ~ error ~ ')') }}
{% endmacro %}

{% macro postgres___json_of(expression) %}
  {#- By way of an array, which takes a literal too: to_json does not know its type. Its brackets are cut off: to take its element out would
      read the escapes in it, of which Postgres takes neither a NUL nor half a surrogate pair. -#}
  {{ return('btrim(left(substr(cast(json_build_array(' ~ expression ~ ") as text), 2), -1), E' \\t\\n\\r')") }}
{% endmacro %}

{% macro postgres___is_text(expression) %}
  {{ return('pg_typeof(' ~ expression ~ ") in (cast('text' as regtype), cast('varchar' as regtype))") }}
{% endmacro %}

{#- Its type may have any name, so that its JSON tells. -#}
{% macro postgres___is_nested(expression) %}
  {{ return('left(' ~ dbt_ai.postgres___json_of(expression) ~ ", 1) in ('{', '[')") }}
{% endmacro %}

{#- The text that a session in UTC has. JSON has one way to write a time, whatever the session's DateStyle is. -#}
{% macro postgres___in_utc(expression) %}
  {%- set moment = 'cast(btrim(cast(json_build_array(' ~ expression ~ ") as text), '[]\"') as timestamptz)" -%}
  {%- set written = 'btrim(cast(json_build_array(' ~ moment ~ " at time zone 'UTC') as text), '[]\"')" -%}
  {{ return({'is_moment': 'pg_typeof(' ~ expression ~ ") = cast('timestamptz' as regtype) and " ~ expression ~ ' is not null',
             'text': 'regexp_replace(replace(' ~ written ~ ", 'T', ' '), '([0-9])( BC)?$', '\\1+00\\2')"}) }}
{% endmacro %}

{% macro postgres___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() != 'native' and var('dbt_ai_postgres_provider', none) is none) }}
{% endmacro %}

{% macro postgres___by_bytes(text) %}
  {{ return(text ~ ' collate "C"') }}
{% endmacro %}

{% macro postgres___hex_key(text) %}
  {{ return('encode(' ~ dbt_ai.postgres___key(text) ~ ", 'hex')") }}
{% endmacro %}
