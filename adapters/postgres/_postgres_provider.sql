{#- Postgres has no AI functions of its own; var dbt_ai_postgres_provider says which extension has them. -#}
{% macro _postgres_provider(function) %}
  {%- set provider = var('dbt_ai_postgres_provider', none) -%}
  {%- if execute and provider not in ['azure_ai', 'alloydb', 'aws_ml', 'pgai'] -%}
    {% do exceptions.raise_compiler_error('AI021: ' ~ function ~ ' on postgres: var dbt_ai_postgres_provider is ' ~ (provider or 'not set')
        ~ '; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB') %}
  {%- endif -%}
  {{ return(provider) }}
{% endmacro %}

{#- The provider's own name of a model: what native={…} says for the provider or for postgres, else the model itself. -#}
{% macro _postgres_model(external_model) %}
  {%- if external_model.literal -%}{{ return(external_model.name) }}{%- endif -%}
  {%- set native = external_model.native or {} -%}
  {{ return(native.get(var('dbt_ai_postgres_provider', none)) or native.get('postgres') or external_model.model or 'model') }}
{% endmacro %}

{#- A JSON object with constants first and one expression last. -#}
{% macro _postgres_json(constants, name, expression) %}
  {%- set fields = [] -%}
  {%- for key, value in constants.items() -%}
    {%- do fields.append(dbt_ai._string_literal(key) ~ ', ' ~ (dbt_ai._string_literal(value) if value is string else 'cast(' ~ dbt_ai._string_literal(tojson(value)) ~ ' as jsonb)')) -%}
  {%- endfor -%}
  {%- do fields.append(dbt_ai._string_literal(name) ~ ', ' ~ expression) -%}
  {{ return('jsonb_build_object(' ~ fields | join(', ') ~ ')') }}
{% endmacro %}

{#- The answer's JSON as its type: a scalar by a cast, anything else as jsonb. -#}
{% macro _postgres_read(document, read) %}
  {{ return(dbt_ai._postgres_cast('(' ~ document ~ " #>> '{answer}')", read.type) if read.wrapped else document) }}
{% endmacro %}

{% macro _postgres_cast(text, type) %}
  {%- set name = dbt_ai._postgres_type(type) -%}
  {{ return(text if name == 'text' else 'cast(' ~ text ~ ' as ' ~ name ~ ')') }}
{% endmacro %}

{% macro _postgres_type(type) %}
  {%- set names = {'TINYINT': 'smallint', 'FLOAT': 'real', 'DOUBLE': 'double precision', 'STRING': 'text', 'TIMESTAMP': 'timestamptz', 'TIMESTAMP_NTZ': 'timestamp', 'VARIANT': 'jsonb'} -%}
  {%- if type.kind in ('struct', 'map', 'array') -%}{{ return('jsonb') }}
  {%- elif type.kind == 'decimal' -%}{{ return('numeric(' ~ type.precision ~ ', ' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'enum' -%}{{ return('text') }}
  {%- endif -%}
  {{ return(names.get(type.name, type.name | lower)) }}
{% endmacro %}
