{#- The type that holds every value of a JSON Schema, and whether null is allowed: what SQL has no type for is a VARIANT.
    dbt_ai.return_type.json_schema in Jinja. reading: {root: the whole schema, open: the references that are being followed}. -#}
{% macro _type_of_schema(reading, schema, depth=0) %}
  {%- set variant = {'kind': 'scalar', 'name': 'VARIANT'} -%}
  {%- if depth > 64 -%}{% do exceptions.raise_compiler_error('return_type: the JSON Schema is nested more than 64 deep') %}{%- endif -%}
  {%- if schema is not mapping -%}{{ return({'type': variant, 'nullable': true}) }}{%- endif -%}
  {%- set reference = schema.get('$ref') -%}
  {%- if reference is not none -%}
    {%- if reference in reading.open -%}{{ return({'type': variant, 'nullable': true}) }}{%- endif -%}
    {{ return(dbt_ai._type_of_schema({'root': reading.root, 'open': reading.open + [reference]}, dbt_ai._resolved(reference, reading.root), depth + 1)) }}
  {%- endif -%}
  {%- set branches = schema.get('anyOf', schema.get('oneOf')) -%}
  {%- if branches is not none -%}
    {%- set real = dbt_ai._not_null(branches) -%}
    {%- set nullable = real | length < branches | length -%}
    {%- if real | length != 1 -%}{{ return({'type': variant, 'nullable': nullable}) }}{%- endif -%}
    {%- set one = dbt_ai._type_of_schema(reading, real[0], depth + 1) -%}
    {{ return({'type': one.type, 'nullable': one.nullable or nullable}) }}
  {%- endif -%}
  {%- set names = schema.get('type') or [] -%}
  {%- set names = [names] if names is string else names -%}
  {%- set nullable = 'null' in names -%}
  {%- set names = names | reject('equalto', 'null') | list -%}
  {%- set values = [schema.const] if 'const' in schema else schema.get('enum', []) -%}
  {%- set labels = values | reject('none') | list -%}
  {%- if labels and labels | select('string') | list | length == labels | length -%}
    {{ return({'type': {'kind': 'enum', 'values': labels | unique(case_sensitive=true) | list}, 'nullable': nullable or none in values}) }}
  {%- elif names == ['array'] -%}
    {{ return({'type': {'kind': 'array', 'element': dbt_ai._type_of_schema(reading, schema.get('items'), depth + 1).type}, 'nullable': nullable}) }}
  {%- elif names == ['object'] and schema.get('properties') -%}
    {%- set fields = [] -%}
    {%- for name, inner in schema.properties.items() -%}
      {%- for field in fields if field.name | lower == name | lower -%}
        {% do exceptions.raise_compiler_error("return_type: field '" ~ name ~ "' is there twice, and SQL does not tell names apart by case") %}
      {%- endfor -%}
      {%- set one = dbt_ai._type_of_schema(reading, inner, depth + 1) -%}
      {%- set required = name in schema.get('required', []) -%}
      {%- do fields.append({'name': name, 'type': one.type, 'nullable': one.nullable or not required, 'required': required,
            'comment': inner.get('description') if inner is mapping else none}) -%}
    {%- endfor -%}
    {{ return({'type': {'kind': 'struct', 'fields': fields}, 'nullable': nullable}) }}
  {%- elif names == ['object'] and schema.get('additionalProperties') is mapping -%}
    {{ return({'type': {'kind': 'map', 'key': {'kind': 'scalar', 'name': 'STRING'}, 'value': dbt_ai._type_of_schema(reading, schema.additionalProperties, depth + 1).type}, 'nullable': nullable}) }}
  {%- endif -%}
  {%- set name = names[0] if names | length == 1 else '' -%}
  {%- if name == 'string' -%}
    {%- set name = {'date': 'DATE', 'date-time': 'TIMESTAMP'}.get(schema.get('format'), 'STRING') -%}
  {%- endif -%}
  {{ return({'type': {'kind': 'scalar', 'name': {'integer': 'BIGINT', 'number': 'DOUBLE', 'boolean': 'BOOLEAN', 'STRING': 'STRING', 'DATE': 'DATE', 'TIMESTAMP': 'TIMESTAMP'}.get(name, 'VARIANT')}, 'nullable': nullable}) }}
{% endmacro %}

{#- The branches of a union that are not {"type": "null"}. -#}
{% macro _not_null(branches) %}
  {%- set real = [] -%}
  {%- for branch in branches if branch is not mapping or branch.get('type') != 'null' -%}{%- do real.append(branch) -%}{%- endfor -%}
  {{ return(real) }}
{% endmacro %}

{#- What a reference leads to in the schema. -#}
{% macro _resolved(reference, schema) %}
  {%- set at = namespace(schema=schema) -%}
  {%- for part in modules.re.sub('^#', '', reference).strip('/').split('/') -%}
    {%- set name = part | replace('~1', '/') | replace('~0', '~') -%}
    {%- if not reference.startswith('#') or at.schema is not mapping or name and name not in at.schema -%}
      {% do exceptions.raise_compiler_error("return_type: '" ~ reference ~ "' leads nowhere in the JSON Schema; define it under $defs") %}
    {%- endif -%}
    {%- if name -%}{%- set at.schema = at.schema[name] -%}{%- endif -%}
  {%- endfor -%}
  {{ return(at.schema) }}
{% endmacro %}
