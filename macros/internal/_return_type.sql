{#- A return type, read at compile time for warehouses whose SQL must spell it out: dbt_ai.return_type in Jinja. tests/cases holds both
    to the same cases. Answers {type, schema, wrapped, written}:
    type: a tree of {kind: scalar | decimal | enum | array | map | struct, …}, as dbt_ai.return_type.types has them.
    schema: the JSON Schema that an endpoint is sent, with an object at its root; none where any text will do.
    wrapped: whether that object only wraps the answer, as {"answer": …}. written: whether the user wrote a JSON Schema. -#}
{% macro _return_type(text) %}
  {%- set sample = modules.re.match("(?is)\\s*schema_of_json\\s*\\(\\s*'((?:[^']|'')*)'\\s*\\)\\s*$", text) -%}
  {%- set written = not sample and text.lstrip().startswith('{') -%}
  {%- if written -%}
    {%- set schema = dbt_ai._read_json_schema(text) -%}
    {%- set type = dbt_ai._type_of_schema({'root': schema, 'open': []}, schema).type -%}
  {%- else -%}
    {%- set type = dbt_ai._type_of_sample(sample.group(1) | replace("''", "'")) if sample else dbt_ai._parse_ddl(text) -%}
    {%- if type.name == 'STRING' -%}{{ return({'type': type, 'schema': none, 'wrapped': false, 'written': false}) }}{%- endif -%}
    {%- set schema = dbt_ai._type_schema(type) -%}
  {%- endif -%}
  {%- set sent = dbt_ai._sent_schema(schema, type) -%}
  {{ return({'type': type, 'schema': sent.schema, 'wrapped': sent.wrapped, 'written': written}) }}
{% endmacro %}

{% macro _parse_type(text) %}
  {{ return(dbt_ai._return_type(text).type) }}
{% endmacro %}

{% macro _is_text(type) %}
  {{ return(type is none or type.name == 'STRING') }}
{% endmacro %}

{% macro _read_json_schema(text) %}
  {%- set no_json = {} -%}
  {%- set schema = fromjson(text, no_json) -%}
  {%- if schema is sameas no_json -%}
    {% do exceptions.raise_compiler_error("return_type '" ~ text[:60] ~ "': the JSON Schema is not JSON") %}
  {%- endif -%}
  {%- if schema.get('type') == 'json_schema' and schema.get('json_schema') is mapping -%}
    {%- set schema = schema.json_schema.get('schema') -%}
    {%- if schema is not mapping -%}
      {% do exceptions.raise_compiler_error('response_format: json_schema.schema is missing; give the JSON Schema there') %}
    {%- endif -%}
  {%- endif -%}
  {%- do dbt_ai._require_json_schema(text, schema, '$') -%}
  {{ return(schema) }}
{% endmacro %}

{#- What a schema must keep to so that its type can be found; the runtime checks all of JSON Schema. -#}
{% macro _require_json_schema(text, schema, path) %}
  {%- set wrong = namespace(what=none, path=path) -%}
  {%- if schema is not mapping -%}
    {%- if schema is not boolean -%}{%- set wrong.what = tojson(schema) ~ " is not of type 'object', 'boolean'" -%}{%- endif -%}
  {%- else -%}
    {%- set names = schema.get('type', []) -%}
    {%- for name in ([names] if names is string else names) if name not in ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'] -%}
      {%- set wrong.path = path ~ '.type' -%}
      {%- set wrong.what = tojson(name) ~ ' is not a type; use one of null, boolean, object, array, number, string, integer' -%}
    {%- endfor -%}
    {%- if names is not string and ('type' in schema and not names or names | unique(case_sensitive=true) | list | length != names | length) -%}{%- set wrong.what = 'type names none, or one twice' -%}{%- endif -%}
    {%- for keyword in ['properties', '$defs', 'definitions'] if keyword in schema and schema[keyword] is not mapping -%}
      {%- set wrong.what = keyword ~ ' is not an object' -%}
    {%- endfor -%}
    {%- for keyword in ['anyOf', 'oneOf', 'enum', 'required'] if keyword in schema and (schema[keyword] is string or schema[keyword] is mapping or schema[keyword] is not sequence) -%}
      {%- set wrong.what = keyword ~ ' is not a list' -%}
    {%- endfor -%}
    {%- for keyword in ['anyOf', 'oneOf'] if keyword in schema and not schema[keyword] -%}{%- set wrong.what = keyword ~ ' is empty' -%}{%- endfor -%}
  {%- endif -%}
  {%- if wrong.what -%}
    {% do exceptions.raise_compiler_error("return_type '" ~ text[:60] ~ "': not a JSON Schema at " ~ wrong.path ~ ': ' ~ wrong.what) %}
  {%- endif -%}
  {%- if schema is mapping -%}
    {%- for keyword in ['properties', '$defs', 'definitions'] -%}
      {%- for name, inner in schema.get(keyword, {}).items() -%}{%- do dbt_ai._require_json_schema(text, inner, path ~ '.' ~ keyword ~ '.' ~ name) -%}{%- endfor -%}
    {%- endfor -%}
    {%- for keyword in ['anyOf', 'oneOf'] -%}
      {%- for inner in schema.get(keyword, []) -%}{%- do dbt_ai._require_json_schema(text, inner, path ~ '.' ~ keyword ~ '[' ~ loop.index0 ~ ']') -%}{%- endfor -%}
    {%- endfor -%}
    {%- for keyword in ['items', 'additionalProperties'] if keyword in schema -%}{%- do dbt_ai._require_json_schema(text, schema[keyword], path ~ '.' ~ keyword) -%}{%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- What an endpoint is told, and what its answer is read as: response_format is told where both are given. Both are return types, or
    none: nothing is told, or the answer is the text that came back. -#}
{% macro _told_and_read(return_type, response_format) %}
  {%- set given = return_type if response_format in ['text', 'json_object'] else response_format or return_type -%}
  {%- set told = dbt_ai._return_type(given) if given else none -%}
  {%- set read = dbt_ai._return_type(return_type) if return_type else none -%}
  {{ return({'told': told if told and told.schema else none, 'read': read if read and read.schema is not none else none}) }}
{% endmacro %}

{#- The struct that the endpoint's JSON is: the type, or what wraps it. -#}
{% macro _answer_struct(return_type) %}
  {%- if not return_type.wrapped -%}{{ return(return_type.type) }}{%- endif -%}
  {{ return({'kind': 'struct', 'fields': [{'name': 'answer', 'type': return_type.type, 'nullable': false, 'required': true, 'comment': none}]}) }}
{% endmacro %}
