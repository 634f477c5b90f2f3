{#- The type as Databricks and Spark write it. from_json takes no NOT NULL into account, so none is written. -#}
{% macro _type_ddl(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set fields = [] -%}
    {%- for field in type.fields -%}{%- do fields.append('`' ~ field.name | replace('`', '``') ~ '`: ' ~ dbt_ai._type_ddl(field.type)) -%}{%- endfor -%}
    {{ return('STRUCT<' ~ fields | join(', ') ~ '>') }}
  {%- elif type.kind == 'array' -%}{{ return('ARRAY<' ~ dbt_ai._type_ddl(type.element) ~ '>') }}
  {%- elif type.kind == 'map' -%}{{ return('MAP<' ~ dbt_ai._type_ddl(type.key) ~ ', ' ~ dbt_ai._type_ddl(type.value) ~ '>') }}
  {%- elif type.kind == 'decimal' -%}{{ return('DECIMAL(' ~ type.precision ~ ', ' ~ type.scale ~ ')') }}
  {%- elif type.kind == 'enum' -%}{{ return('STRING') }}
  {%- endif -%}
  {{ return(type.name) }}
{% endmacro %}
