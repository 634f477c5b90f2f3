{#- A return type as text: DDL or schema_of_json('…') as written, a JSON Schema given as a mapping as its JSON. -#}
{% macro _type_text(argument, type) -%}
  {%- if type is none -%}
    {{ return(none) }}
  {%- elif type is mapping -%}
    {{ return(tojson(type)) }}
  {%- elif type is string and type.strip() -%}
    {{ return(type) }}
  {%- endif -%}
  {% do exceptions.raise_compiler_error(argument ~ ' ' ~ ("''" if type is string else type) ~ " is not a type; write 'STRUCT<label STRING>', a JSON Schema as a mapping, or schema_of_json('…')") %}
{%- endmacro %}
