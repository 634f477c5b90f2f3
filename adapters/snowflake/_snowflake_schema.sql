{#- A plain schema as AI_COMPLETE takes it. A type is one name there and a field that may be null is one that is not required: one that is
    required is made up where the text says nothing. AI009: what Cortex refuses, found before it is asked.
    https://docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs#limitations -#}
{% macro _snowflake_schema(schema, model) %}
  {%- if schema is not mapping -%}{{ return(schema) }}{%- endif -%}
  {%- for keyword in ['format', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems',
        'uniqueItems', 'contains', 'minContains', 'maxContains', 'patternProperties', 'minProperties', 'maxProperties', 'propertyNames'] if keyword in schema -%}
    {% do exceptions.raise_compiler_error("AI009: the schema uses '" ~ keyword ~ "', which Snowflake refuses; leave it out and test the column instead") %}
  {%- endfor -%}
  {%- if schema.get('type') is not string and schema.get('type') is not none -%}
    {% do exceptions.raise_compiler_error('AI009: the schema says type ' ~ tojson(schema.type) ~ ' of a value that is no field; Snowflake takes null for a field only, and one type') %}
  {%- endif -%}
  {%- set taken, nullable = dict(schema), [] -%}
  {%- for part in ['properties', '$defs', 'definitions'] if part in schema -%}
    {%- set inner = {} -%}
    {%- for name, value in schema[part].items() -%}
      {%- if not modules.re.match('[a-zA-Z0-9_-]{1,64}$', name) -%}
        {% do exceptions.raise_compiler_error("AI009: field '" ~ name ~ "' of the schema; Snowflake takes names of letters, digits, _ and -, at most 64") %}
      {%- endif -%}
      {%- set names = value.get('type') if value is mapping else none -%}
      {%- if part == 'properties' and names is not string and names is not none and 'null' in names and names | length == 2 -%}
        {%- do nullable.append(name) -%}
        {%- set value = dict(value, type=names | reject('equalto', 'null') | first) -%}
        {%- if 'enum' in value -%}{%- do value.update({'enum': value.enum | reject('none') | list}) -%}{%- endif -%}
        {%- do value.update({'description': (value.description ~ '; ' if value.get('description') else '') ~ 'leave it out if it is not known'}) -%}
      {%- endif -%}
      {%- do inner.update({name: dbt_ai._snowflake_schema(value, model)}) -%}
    {%- endfor -%}
    {%- do taken.update({part: inner}) -%}
  {%- endfor -%}
  {%- for part in ['items', 'additionalProperties'] if part in schema -%}{%- do taken.update({part: dbt_ai._snowflake_schema(schema[part], model)}) -%}{%- endfor -%}
  {%- if nullable and 'openai' in model | lower -%}
    {% do exceptions.raise_compiler_error("AI028: field '" ~ nullable[0] ~ "' may be NULL, and OpenAI's models on Snowflake must answer every field, known or not; write NOT NULL behind its type, or name another maker's model") %}
  {%- elif nullable and 'required' in schema -%}
    {%- do taken.update({'required': schema.required | reject('in', nullable) | list}) -%}
    {%- if not taken.required -%}{%- do taken.pop('required') -%}{%- endif -%}
  {%- endif -%}
  {{ return(taken) }}
{% endmacro %}
