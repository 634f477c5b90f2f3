{% macro bigquery___key(text) %}
  {{ return('to_hex(sha256(' ~ text ~ '))') }}
{% endmacro %}

{% macro bigquery___stored_column(column) %}
  {{ return(column) }}
{% endmacro %}

{#- max() takes no array. -#}
{% macro bigquery___only(expression, column) %}
  {{ return(('any_value(' if column == 'vector' else 'max(') ~ expression ~ ')') }}
{% endmacro %}

{#- JSON does not cast to a STRUCT: its fields are read one by one. -#}
{% macro bigquery___as_type(text, type) %}
  {%- if type.kind in ('struct', 'array') -%}
    {{ return('(select if(dbt_ai_json is null, null, ' ~ dbt_ai._bigquery_read('dbt_ai_json', type) ~ ') from (select parse_json(' ~ text ~ ') as dbt_ai_json))') }}
  {%- elif type.kind == 'map' or type.name == 'VARIANT' -%}{{ return('parse_json(' ~ text ~ ')') }}
  {%- endif -%}
  {{ return(dbt_ai._bigquery_scalar(text, type)) }}
{% endmacro %}

{% macro _bigquery_scalar(text, type) %}
  {%- if type.kind == 'decimal' -%}{{ return('cast(' ~ text ~ ' as ' ~ ('numeric' if type.scale <= 9 and type.precision - type.scale <= 29 else 'bignumeric') ~ ')') }}
  {%- elif dbt_ai._is_text(type) or type.kind == 'enum' -%}{{ return(text) }}
  {%- elif type.name == 'TIMESTAMP' -%}{{ return('cast((' ~ text ~ " || 'Z') as timestamp)") }}
  {%- endif -%}
  {%- set names = {'BOOLEAN': 'bool', 'FLOAT': 'float64', 'DOUBLE': 'float64', 'DATE': 'date', 'TIMESTAMP_NTZ': 'datetime'} -%}
  {{ return('cast(' ~ text ~ ' as ' ~ names.get(type.name, 'int64') ~ ')') }}
{% endmacro %}

{#- The expression that reads a JSON value as its type. -#}
{% macro _bigquery_read(json, type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}
      {%- do fields.append(dbt_ai._bigquery_read(json ~ '[' ~ dbt_ai._string_literal(field.name) ~ ']', field.type) ~ ' as `' ~ field.name ~ '`') -%}
    {%- endfor -%}
    {{ return('struct(' ~ fields | join(', ') ~ ')') }}
  {%- elif type.kind == 'array' -%}
    {{ return('array(select ' ~ dbt_ai._bigquery_read('element', type.element) ~ ' from unnest(json_query_array(' ~ json ~ ')) as element with offset as place order by place)') }}
  {%- elif type.kind == 'map' or type.name == 'VARIANT' -%}{{ return(json) }}
  {%- endif -%}
  {{ return(dbt_ai._bigquery_scalar('json_value(' ~ json ~ ')', type)) }}
{% endmacro %}

{% macro bigquery___with_error(value, error, type) %}
  {{ return('struct(' ~ value ~ ' as response, ' ~ error ~ ' as errorStatus)') }}
{% endmacro %}

{% macro bigquery___json_of(expression) %}
  {{ return('to_json_string(' ~ expression ~ ')') }}
{% endmacro %}
