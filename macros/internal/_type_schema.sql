{#- The JSON Schema of a type. Every field is required and nothing else is allowed, as strict endpoints demand; a field may be null
    unless it is NOT NULL. dbt_ai.return_type.json_schema in Jinja. -#}
{% macro _type_schema(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set properties = {} -%}
    {%- for field in type.fields -%}
      {%- set schema = dbt_ai._type_schema(field.type) -%}
      {%- set schema = dbt_ai._or_null(schema) if field.nullable and schema else schema -%}
      {%- if field.comment -%}{%- do schema.update({'description': field.comment}) -%}{%- endif -%}
      {%- do properties.update({field.name: schema}) -%}
    {%- endfor -%}
    {{ return({'type': 'object', 'properties': properties, 'required': properties.keys() | list, 'additionalProperties': false}) }}
  {%- elif type.kind == 'array' -%}
    {{ return({'type': 'array', 'items': dbt_ai._type_schema(type.element)}) }}
  {%- elif type.kind == 'map' -%}
    {{ return({'type': 'object', 'additionalProperties': dbt_ai._type_schema(type.value)}) }}
  {%- elif type.kind == 'enum' -%}
    {{ return({'type': 'string', 'enum': type['values']}) }}
  {%- elif type.kind == 'decimal' -%}
    {{ return({'type': 'number', 'multipleOf': fromjson('1e-' ~ type.scale)} if type.scale else {'type': 'integer'}) }}
  {%- endif -%}
  {{ return({'BOOLEAN': {'type': 'boolean'}, 'TINYINT': {'type': 'integer'}, 'SMALLINT': {'type': 'integer'}, 'INT': {'type': 'integer'},
             'BIGINT': {'type': 'integer'}, 'FLOAT': {'type': 'number'}, 'DOUBLE': {'type': 'number'}, 'STRING': {'type': 'string'},
             'DATE': {'type': 'string', 'format': 'date'}, 'TIMESTAMP': {'type': 'string', 'format': 'date-time'},
             'TIMESTAMP_NTZ': {'type': 'string', 'pattern': dbt_ai._local_timestamp()}, 'VARIANT': {}}[type.name]) }}
{% endmacro %}

{#- JSON Schema has no format for a date and time without an offset. -#}
{% macro _local_timestamp() %}
  {{ return('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$') }}
{% endmacro %}

{% macro _or_null(schema) %}
  {%- if 'enum' in schema -%}
    {{ return({'type': ['string', 'null'], 'enum': schema.enum + [none]}) }}
  {%- elif schema.keys() | list == ['type'] -%}
    {{ return({'type': [schema.type, 'null']}) }}
  {%- endif -%}
  {{ return({'anyOf': [schema, {'type': 'null'}]}) }}
{% endmacro %}

{#- The schema as an endpoint is sent it, with an object at its root, and whether that object only wraps the answer. -#}
{% macro _sent_schema(schema, type) %}
  {%- if not schema -%}{{ return({'schema': schema, 'wrapped': false}) }}{%- endif -%}
  {%- set root = dbt_ai._root_schema(schema, type) -%}
  {%- if type.kind in ['map', 'struct'] or root.get('type') == 'object' -%}{{ return({'schema': root, 'wrapped': false}) }}{%- endif -%}
  {%- set inner, shared = {}, {} -%}
  {%- for name, value in root.items() if name != '$schema' -%}
    {%- do (shared if name in ['$defs', 'definitions'] else inner).update({name: value}) -%}
  {%- endfor -%}
  {%- set wrapper = {'type': 'object', 'properties': {'answer': inner}, 'required': ['answer'], 'additionalProperties': false} -%}
  {%- do wrapper.update(shared) -%}
  {{ return({'schema': wrapper, 'wrapped': true}) }}
{% endmacro %}

{#- The schema without null at its root, which an answer never is, and without a reference in the place of an object there. -#}
{% macro _root_schema(schema, type) %}
  {%- set at = namespace(root=dict(schema), more=true) -%}
  {%- for _ in range(64) -%}{%- if at.more -%}
    {%- set real = dbt_ai._not_null(at.root.get('anyOf', at.root.get('oneOf', []))) -%}
    {%- if '$ref' in at.root and type.kind in ['map', 'struct'] -%}
      {%- set at.root = dict(dbt_ai._resolved(at.root['$ref'], schema)) -%}
    {%- elif '$ref' not in at.root and real | length == 1 and real[0] is mapping -%}
      {%- set rest = {} -%}
      {%- for name, value in at.root.items() if name not in ['anyOf', 'oneOf'] -%}{%- do rest.update({name: value}) -%}{%- endfor -%}
      {%- do rest.update(real[0]) -%}
      {%- set at.root = rest -%}
    {%- else -%}
      {%- set at.more = false -%}
    {%- endif -%}
  {%- endif -%}{%- endfor -%}
  {%- set root = at.root -%}
  {%- for name in ['$defs', 'definitions'] if name in schema -%}{%- do root.update({name: schema[name]}) -%}{%- endfor -%}
  {%- set names = root.get('type') -%}
  {%- if names is not none and names is not string -%}
    {%- set names = names | reject('equalto', 'null') | list -%}
    {%- do root.update({'type': names[0] if names | length == 1 else names or 'null'}) -%}
  {%- endif -%}
  {%- if 'enum' in root -%}{%- do root.update({'enum': root.enum | reject('none') | list}) -%}{%- endif -%}
  {{ return(root) }}
{% endmacro %}
