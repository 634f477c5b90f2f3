{#- A return type read at compile time, for warehouses whose SQL must spell it out: DDL as Databricks writes it, or a JSON Schema.
    Answers a tree of {kind: scalar | decimal | enum | array | map | struct, …}. The grammar is dbt_ai.return_type.ddl's. -#}
{% macro _parse_type(text) %}
  {%- if text is mapping -%}{{ return(dbt_ai._type_of_schema(text)) }}{%- endif -%}
  {%- if text.lstrip().startswith('{') -%}{{ return(dbt_ai._type_of_schema(fromjson(text))) }}{%- endif -%}
  {%- set source = {'text': text, 'tokens': []} -%}
  {%- for found in modules.re.findall("\\w+|`(?:[^`]|``)+`|'(?:[^']|'')*'|\\S", text) -%}{%- do source.tokens.append(found) -%}{%- endfor -%}
  {%- set bare_columns = source.tokens | length > 1 and (source.tokens[1] == ':' or modules.re.match('[A-Za-z0-9_]|`', source.tokens[1])) and source.tokens[1] | upper not in ('NOT', 'COMMENT') -%}
  {%- set type = {'kind': 'struct', 'fields': dbt_ai._parse_fields(source, none)} if bare_columns else dbt_ai._parse_one(source) -%}
  {%- if source.tokens -%}{%- do dbt_ai._type_error(source, "'" ~ source.tokens[0] ~ "' is not expected after the type") -%}{%- endif -%}
  {{ return(type) }}
{% endmacro %}

{% macro _parse_one(source) %}
  {%- set name = (source.tokens.pop(0) if source.tokens else 'the end') | upper -%}
  {%- set aliases = {'BOOL': 'BOOLEAN', 'BYTE': 'TINYINT', 'SHORT': 'SMALLINT', 'INTEGER': 'INT', 'LONG': 'BIGINT', 'REAL': 'FLOAT', 'TEXT': 'STRING',
                     'VARCHAR': 'STRING', 'CHAR': 'STRING', 'JSON': 'VARIANT'} -%}
  {%- set name = aliases.get(name, name) -%}
  {%- if name == 'ARRAY' -%}
    {%- do dbt_ai._expect(source, '<') -%}
    {%- set element = dbt_ai._parse_one(source) -%}
    {%- do dbt_ai._expect(source, '>') -%}
    {{ return({'kind': 'array', 'element': element}) }}
  {%- elif name == 'MAP' -%}
    {%- do dbt_ai._expect(source, '<') -%}
    {%- set key = dbt_ai._parse_one(source) -%}
    {%- do dbt_ai._expect(source, ',') -%}
    {%- set value = dbt_ai._parse_one(source) -%}
    {%- do dbt_ai._expect(source, '>') -%}
    {{ return({'kind': 'map', 'key': key, 'value': value}) }}
  {%- elif name == 'STRUCT' -%}
    {%- do dbt_ai._expect(source, '<') -%}
    {%- set fields = dbt_ai._parse_fields(source, '>') -%}
    {%- do dbt_ai._expect(source, '>') -%}
    {{ return({'kind': 'struct', 'fields': fields}) }}
  {%- elif name == 'ENUM' -%}
    {{ return({'kind': 'enum', 'values': dbt_ai._parse_list(source)}) }}
  {%- elif name in ('DECIMAL', 'DEC', 'NUMERIC') -%}
    {%- set numbers = dbt_ai._parse_list(source) if source.tokens and source.tokens[0] == '(' else ['10', '0'] -%}
    {{ return({'kind': 'decimal', 'precision': numbers[0] | int, 'scale': (numbers[1] if numbers | length > 1 else 0) | int}) }}
  {%- elif name in ('BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'STRING', 'DATE', 'TIMESTAMP', 'TIMESTAMP_NTZ', 'VARIANT') -%}
    {%- if name == 'STRING' and source.tokens and source.tokens[0] == '(' -%}{%- do dbt_ai._parse_list(source) -%}{%- endif -%}
    {{ return({'kind': 'scalar', 'name': name}) }}
  {%- endif -%}
  {%- do dbt_ai._type_error(source, "'" ~ name ~ "' is not a type; use one of BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, STRING, DATE, TIMESTAMP, TIMESTAMP_NTZ, VARIANT, DECIMAL(p, s), ARRAY<…>, MAP<…, …>, STRUCT<name type, …>, ENUM('a', 'b')") -%}
{% endmacro %}

{% macro _parse_fields(source, end) %}
  {%- set fields = [] -%}
  {%- set more = namespace(yes=true) -%}
  {%- for _ in range(1000) if more.yes -%}
    {%- set name = source.tokens.pop(0) if source.tokens else 'the end' -%}
    {%- if not modules.re.match('[A-Za-z0-9_]|`.', name) -%}{%- do dbt_ai._type_error(source, "'" ~ name ~ "' stands where the name of a field is expected") -%}{%- endif -%}
    {%- if source.tokens and source.tokens[0] == ':' -%}{%- do source.tokens.pop(0) -%}{%- endif -%}
    {%- set field = {'name': name[1:-1] | replace('``', '`') if name.startswith('`') else name, 'type': dbt_ai._parse_one(source)} -%}
    {%- if source.tokens | length > 1 and source.tokens[0] | upper == 'NOT' -%}{%- do source.tokens.pop(0) -%}{%- do source.tokens.pop(0) -%}{%- endif -%}
    {%- if source.tokens | length > 1 and source.tokens[0] | upper == 'COMMENT' -%}
      {%- do source.tokens.pop(0) -%}
      {%- do field.update({'comment': source.tokens.pop(0)[1:-1] | replace("''", "'")}) -%}
    {%- endif -%}
    {%- do fields.append(field) -%}
    {%- set more.yes = source.tokens and source.tokens[0] == ',' -%}
    {%- if more.yes -%}{%- do source.tokens.pop(0) -%}{%- elif end is none and source.tokens or end is not none and not source.tokens -%}
      {%- do dbt_ai._type_error(source, "'" ~ (source.tokens[0] if source.tokens else 'the end') ~ "' stands where ',' or '" ~ (end or 'the end') ~ "' is expected") -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(fields) }}
{% endmacro %}

{% macro _parse_list(source) %}
  {%- set values = [] -%}
  {%- do dbt_ai._expect(source, '(') -%}
  {%- for _ in range(1000) if source.tokens and source.tokens[0] != ')' -%}
    {%- set value = source.tokens.pop(0) -%}
    {%- if value != ',' -%}{%- do values.append(value[1:-1] | replace("''", "'") if value.startswith("'") else value) -%}{%- endif -%}
  {%- endfor -%}
  {%- do dbt_ai._expect(source, ')') -%}
  {{ return(values) }}
{% endmacro %}

{% macro _expect(source, sign) %}
  {%- set found = source.tokens.pop(0) if source.tokens else 'the end' -%}
  {%- if found != sign -%}{%- do dbt_ai._type_error(source, "'" ~ found ~ "' stands where '" ~ sign ~ "' is expected") -%}{%- endif -%}
{% endmacro %}

{% macro _type_error(source, problem) %}
  {%- do exceptions.raise_compiler_error("return_type '" ~ source.text ~ "': " ~ problem) -%}
{% endmacro %}

{% macro _type_of_schema(schema) %}
  {%- if schema.get('type') == 'json_schema' and schema.get('json_schema') is mapping -%}{{ return(dbt_ai._type_of_schema(schema.json_schema.schema)) }}{%- endif -%}
  {%- set name = schema.get('type') -%}
  {%- set name = (name | reject('equalto', 'null') | list | first) if name is sequence and name is not string else name -%}
  {%- if schema.get('enum') -%}{{ return({'kind': 'enum', 'values': schema.enum | reject('none') | list}) }}{%- endif -%}
  {%- if name == 'object' and schema.get('properties') -%}
    {%- set fields = [] -%}
    {%- for field, inner in schema.properties.items() -%}
      {%- do fields.append({'name': field, 'type': dbt_ai._type_of_schema(inner), 'comment': inner.get('description')}) -%}
    {%- endfor -%}
    {{ return({'kind': 'struct', 'fields': fields}) }}
  {%- elif name == 'array' -%}
    {{ return({'kind': 'array', 'element': dbt_ai._type_of_schema(schema.get('items', {}))}) }}
  {%- endif -%}
  {{ return({'kind': 'scalar', 'name': {'string': 'STRING', 'integer': 'BIGINT', 'number': 'DOUBLE', 'boolean': 'BOOLEAN'}.get(name, 'VARIANT')}) }}
{% endmacro %}

{#- The JSON Schema of a type, all fields required and nothing else allowed, as strict endpoints demand. -#}
{% macro _type_schema(type) %}
  {%- if type.kind == 'struct' -%}
    {%- set properties = {} -%}
    {%- for field in type.fields -%}
      {%- set schema = dict(dbt_ai._type_schema(field.type)) -%}
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
    {{ return({'type': 'number'}) }}
  {%- endif -%}
  {{ return({'BOOLEAN': {'type': 'boolean'}, 'TINYINT': {'type': 'integer'}, 'SMALLINT': {'type': 'integer'}, 'INT': {'type': 'integer'},
             'BIGINT': {'type': 'integer'}, 'FLOAT': {'type': 'number'}, 'DOUBLE': {'type': 'number'},
             'DATE': {'type': 'string', 'description': 'a date as YYYY-MM-DD'},
             'TIMESTAMP': {'type': 'string', 'description': 'date and time as YYYY-MM-DDTHH:MM:SSZ'},
             'TIMESTAMP_NTZ': {'type': 'string', 'description': 'date and time as YYYY-MM-DDTHH:MM:SS, without an offset'},
             'VARIANT': {}}.get(type.name, {'type': 'string'})) }}
{% endmacro %}

{#- Endpoints want an object at the root of a schema: another type travels as its one field `answer`. -#}
{% macro _wrapped_type(type) %}
  {{ return(type if type.kind in ('struct', 'map') else {'kind': 'struct', 'fields': [{'name': 'answer', 'type': type}], 'wrapper': true}) }}
{% endmacro %}

{% macro _is_text(type) %}
  {{ return(type is none or type.kind == 'scalar' and type.name == 'STRING') }}
{% endmacro %}

{#- The type as Databricks and Spark write it. -#}
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
