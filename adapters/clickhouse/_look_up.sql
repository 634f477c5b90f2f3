{% macro clickhouse___is_native(function, external_model) %}
  {{ return(external_model.literal) }}
{% endmacro %}

{#- A cast to String takes no NULL here. -#}
{% macro clickhouse___uncut(expression, type) %}
  {{ return('cast(' ~ expression ~ ' as Nullable(String))' if type else expression) }}
{% endmacro %}

{% macro clickhouse___key(text) %}
  {{ return('lower(hex(SHA256(' ~ text ~ ')))') }}
{% endmacro %}

{% macro clickhouse___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{#- An aggregate of nothing is '' here, not NULL; an array, which cannot be NULL, is empty. -#}
{% macro clickhouse___only(expression, column) %}
  {{ return(('any(' if column == 'vector' else 'maxOrNull(') ~ expression ~ ')') }}
{% endmacro %}

{% macro clickhouse___as_type(text, type) %}
  {%- if type.kind in ('struct', 'array', 'map') -%}
    {{ return("JSONExtract(coalesce(" ~ text ~ ", 'null'), " ~ dbt_ai._string_literal(dbt_ai._clickhouse_type(type)) ~ ')') }}
  {%- elif type.name == 'TIMESTAMP' -%}{{ return('parseDateTime64BestEffortOrNull(' ~ text ~ " || 'Z', 6, 'UTC')") }}
  {%- elif type.name == 'TIMESTAMP_NTZ' -%}{{ return('parseDateTime64BestEffortOrNull(' ~ text ~ ', 6)') }}
  {%- endif -%}
  {{ return('cast(' ~ text ~ ' as ' ~ dbt_ai._clickhouse_type(type) ~ ')') }}
{% endmacro %}

{% macro _clickhouse_type(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}{%- do fields.append('`' ~ field.name ~ '` ' ~ dbt_ai._clickhouse_type(field.type)) -%}{%- endfor -%}
    {{ return('Tuple(' ~ fields | join(', ') ~ ')') }}
  {%- elif type.kind == 'array' -%}{{ return('Array(' ~ dbt_ai._clickhouse_type(type.element) ~ ')') }}
  {%- elif type.kind == 'map' -%}{{ return('Map(String, ' ~ dbt_ai._clickhouse_type(type.value) ~ ')') }}
  {%- elif type.kind == 'decimal' -%}{{ return('Nullable(Decimal(' ~ type.precision ~ ', ' ~ type.scale ~ '))') }}
  {%- endif -%}
  {{ return('Nullable(' ~ {'BOOLEAN': 'Bool', 'TINYINT': 'Int8', 'SMALLINT': 'Int16', 'INT': 'Int32', 'BIGINT': 'Int64', 'FLOAT': 'Float32', 'DOUBLE': 'Float64',
      'DATE': 'Date32', 'TIMESTAMP': 'DateTime64(6)', 'TIMESTAMP_NTZ': 'DateTime64(6)'}.get(type.name, 'String') ~ ')') }}
{% endmacro %}

{% macro clickhouse___with_error(value, error, type) %}
  {{ return('cast(tuple(' ~ value ~ ', ' ~ error ~ "), 'Tuple(response " ~ dbt_ai._clickhouse_type(type) ~ ", errorStatus Nullable(String))')") }}
{% endmacro %}

{% macro clickhouse___json_of(expression) %}
  {{ return('toJSONString(' ~ expression ~ ')') }}
{% endmacro %}

{% macro clickhouse___is_nested(expression) %}
  {{ return('match(toTypeName' ~ expression ~ ", '^(Tuple|Array|Map)[(]')") }}
{% endmacro %}

{% macro clickhouse___asks_in_json() %}
  {{ return(dbt_ai._way_that_is_set() != 'native') }}
{% endmacro %}
