{% macro trino___is_native(function, external_model) %}
  {{ return(external_model.literal) }}
{% endmacro %}

{% macro trino___key(text) %}
  {{ return('lower(to_hex(sha256(to_utf8(' ~ text ~ '))))') }}
{% endmacro %}

{% macro trino___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{% macro trino___as_type(text, type) %}
  {%- if type.kind in ('struct', 'array', 'map') -%}{{ return('cast(json_parse(' ~ text ~ ') as ' ~ dbt_ai._trino_type(type) ~ ')') }}
  {%- elif type.name == 'VARIANT' -%}{{ return('json_parse(' ~ text ~ ')') }}
  {%- elif type.name == 'TIMESTAMP' -%}{{ return('from_iso8601_timestamp(' ~ text ~ " || 'Z')") }}
  {%- elif type.name == 'TIMESTAMP_NTZ' -%}{{ return('cast(from_iso8601_timestamp(' ~ text ~ ") at time zone 'UTC' as timestamp(6))") }}
  {%- endif -%}
  {{ return('cast(' ~ text ~ ' as ' ~ dbt_ai._trino_type(type) ~ ')') }}
{% endmacro %}

{% macro _trino_type(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}{%- do fields.append('"' ~ field.name | replace('"', '""') ~ '" ' ~ dbt_ai._trino_type(field.type)) -%}{%- endfor -%}
    {{ return('row(' ~ fields | join(', ') ~ ')') }}
  {%- elif type.kind == 'array' -%}{{ return('array(' ~ dbt_ai._trino_type(type.element) ~ ')') }}
  {%- elif type.kind == 'map' -%}{{ return('map(' ~ dbt_ai._trino_type(type.key) ~ ', ' ~ dbt_ai._trino_type(type.value) ~ ')') }}
  {%- elif type.kind == 'decimal' -%}{{ return('decimal(' ~ type.precision ~ ', ' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'enum' -%}{{ return('varchar') }}
  {%- endif -%}
  {{ return({'STRING': 'varchar', 'INT': 'integer', 'FLOAT': 'real', 'VARIANT': 'json', 'TIMESTAMP': 'timestamp(6)', 'TIMESTAMP_NTZ': 'timestamp(6)'}.get(type.name, type.name | lower)) }}
{% endmacro %}

{% macro trino___with_error(value, error, type) %}
  {{ return('cast(row(' ~ value ~ ', ' ~ error ~ ') as row(response ' ~ dbt_ai._trino_type(type) ~ ', errorStatus varchar))') }}
{% endmacro %}

{% macro trino___json_of(expression) %}
  {{ return('json_format(cast(' ~ expression ~ ' as json))') }}
{% endmacro %}

{% macro trino___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() != 'native') }}
{% endmacro %}
