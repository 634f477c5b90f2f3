{#- Field names keep their case. A value that is NULL in the place of NOT NULL would fail the whole query, so none is written: what is
    NOT NULL is in the schema that AI_COMPLETE holds the model to. -#}
{% macro _snowflake_type(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}{%- do fields.append('"' ~ field.name | replace('"', '""') ~ '" ' ~ dbt_ai._snowflake_type(field.type)) -%}{%- endfor -%}
    {{ return('OBJECT(' ~ fields | join(', ') ~ ')') }}
  {%- elif type.kind == 'array' -%}{{ return('ARRAY(' ~ dbt_ai._snowflake_type(type.element) ~ ')') }}
  {%- elif type.kind == 'map' -%}
    {%- if type.key.name in ['BOOLEAN', 'FLOAT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMP_NTZ'] or type.key.scale -%}
      {{ dbt_ai._unsupported('a MAP with keys of ' ~ dbt_ai._type_ddl(type.key), 'AI009', 'its keys are texts or whole numbers: write MAP<STRING, …>') }}
    {%- endif -%}
    {{ return('MAP(' ~ dbt_ai._snowflake_type(type.key) ~ ', ' ~ dbt_ai._snowflake_type(type.value) ~ ')') }}
  {%- elif type.kind == 'decimal' -%}{{ return('NUMBER(' ~ type.precision ~ ', ' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'enum' -%}{{ return('VARCHAR') }}
  {%- endif -%}
  {{ return({'STRING': 'VARCHAR', 'TIMESTAMP': 'TIMESTAMP_TZ'}.get(type.name, type.name)) }}
{% endmacro %}
