{% macro _snowflake_model(external_model) %}
  {{ return(dbt_ai._native_model(external_model, 'snowflake', 'AI007',
      "Cortex calls Snowflake's own models only, no location: add native={'snowflake': 'claude-sonnet-4-6'} or another Cortex model")) }}
{% endmacro %}

{#- A constant as Snowflake writes it: {'temperature': 0.2}. -#}
{% macro _snowflake_constant(value) %}
  {%- if value is mapping -%}
    {%- set fields = [] -%}
    {%- for name, inner in value.items() -%}{%- do fields.append(dbt_ai._string_literal(name) ~ ': ' ~ dbt_ai._snowflake_constant(inner)) -%}{%- endfor -%}
    {{ return('{' ~ fields | join(', ') ~ '}') }}
  {%- elif value is string -%}{{ return(dbt_ai._string_literal(value)) }}
  {%- elif value is boolean -%}{{ return('TRUE' if value else 'FALSE') }}
  {%- elif value is number -%}{{ return(value | string) }}
  {%- elif value is none -%}{{ return('NULL') }}
  {%- endif -%}
  {%- set elements = [] -%}
  {%- for element in value -%}{%- do elements.append(dbt_ai._snowflake_constant(element)) -%}{%- endfor -%}
  {{ return('[' ~ elements | join(', ') ~ ']') }}
{% endmacro %}

{% macro _snowflake_type(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}{%- do fields.append('"' ~ field.name | replace('"', '""') ~ '" ' ~ dbt_ai._snowflake_type(field.type)) -%}{%- endfor -%}
    {{ return('OBJECT(' ~ fields | join(', ') ~ ')') }}
  {%- elif type.kind == 'array' -%}{{ return('ARRAY(' ~ dbt_ai._snowflake_type(type.element) ~ ')') }}
  {%- elif type.kind == 'map' -%}{{ return('MAP(' ~ dbt_ai._snowflake_type(type.key) ~ ', ' ~ dbt_ai._snowflake_type(type.value) ~ ')') }}
  {%- elif type.kind == 'decimal' -%}{{ return('NUMBER(' ~ type.precision ~ ', ' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'enum' -%}{{ return('VARCHAR') }}
  {%- endif -%}
  {{ return({'STRING': 'VARCHAR', 'TIMESTAMP': 'TIMESTAMP_TZ'}.get(type.name, type.name)) }}
{% endmacro %}

{#- AI009: what Cortex refuses in a schema, found before it is asked. -#}
{% macro _snowflake_schema(return_type, response_format, type) %}
  {%- set written = return_type or response_format -%}
  {%- for keyword in ['format', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'patternProperties']
        if modules.re.search('"' ~ keyword ~ '"\\s*:', written) -%}
    {% do exceptions.raise_compiler_error("AI009: the schema uses '" ~ keyword ~ "', which Snowflake refuses; leave it out and test the column instead") %}
  {%- endfor -%}
  {%- for field in type.fields or [] if not modules.re.match('[a-zA-Z0-9_-]{1,64}$', field.name) -%}
    {% do exceptions.raise_compiler_error("AI009: field '" ~ field.name ~ "' of the schema; Snowflake takes names of letters, digits, _ and -, at most 64") %}
  {%- endfor -%}
  {{ return(dbt_ai._answer_schema(return_type, response_format, type)) }}
{% endmacro %}
