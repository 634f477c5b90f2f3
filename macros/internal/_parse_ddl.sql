{#- Databricks DDL as text: STRUCT<label STRING, tags ARRAY<STRING>>, with ENUM('a', 'b') in addition. dbt_ai.return_type.ddl in Jinja. -#}
{% macro _parse_ddl(text) %}
  {%- set tokens = dbt_ai._ddl_tokens(text) -%}
  {%- set first, second = tokens[0], tokens[1] if tokens | length > 1 else tokens[0] -%}
  {%- set bare_columns = first.kind in ['name', 'quoted'] and (second.sign == ':' or second.kind in ['name', 'quoted'] and second.text | upper not in ['NOT', 'COMMENT']) -%}
  {%- if bare_columns -%}
    {#- A list of columns without STRUCT<…> around it is a struct, as in from_json. -#}
    {%- set tokens = [{'kind': 'name', 'text': 'STRUCT'}, {'kind': 'sign', 'text': '<', 'sign': '<'}] + tokens[:-1]
          + [{'kind': 'sign', 'text': '>', 'sign': '>', 'position': text | length + 1}] + tokens[-1:] -%}
  {%- endif -%}
  {%- set source = {'text': text, 'tokens': tokens} -%}
  {%- set type = dbt_ai._ddl_type(source, -1 if bare_columns else 0) -%}
  {%- if source.tokens[0].kind != 'end' -%}{%- do dbt_ai._ddl_unexpected(source, 'is not expected after the type') -%}{%- endif -%}
  {{ return(type) }}
{% endmacro %}

{#- Tokens of {kind: name | quoted | text | sign | end, text, sign, position}. -#}
{% macro _ddl_tokens(text) %}
  {%- set tokens = [] -%}
  {%- set at = namespace(position=1) -%}
  {%- for found in modules.re.findall("\\s*(?:\\w+|`(?:[^`]|``)+`|'(?:[^'\\\\]|''|\\\\[\\s\\S])*'|\"(?:[^\"\\\\]|\"\"|\\\\[\\s\\S])*\"|\\S)", text) -%}
    {%- set written = found.lstrip() -%}
    {%- set position = at.position + found | length - written | length -%}
    {%- set at.position = at.position + found | length -%}
    {%- set quote = written[0] -%}
    {%- if modules.re.match('\\w', written) -%}
      {%- do tokens.append({'kind': 'name', 'text': written, 'position': position}) -%}
    {%- elif written in ['<', '>', '(', ')', ',', ':'] -%}
      {%- do tokens.append({'kind': 'sign', 'text': written, 'sign': written, 'position': position}) -%}
    {%- elif written | length == 1 -%}
      {%- do dbt_ai._ddl_error(text, "'" ~ written ~ "' at position " ~ position ~ ' is not part of any type') -%}
    {%- elif quote == '`' -%}
      {%- do tokens.append({'kind': 'quoted', 'text': written[1:-1] | replace('``', '`'), 'position': position}) -%}
    {%- else -%}
      {%- do tokens.append({'kind': 'text', 'text': modules.re.sub('\\\\([\\s\\S])', '\\1', written[1:-1] | replace(quote ~ quote, quote)), 'position': position}) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(tokens + [{'kind': 'end', 'text': '', 'position': text | length + 1}]) }}
{% endmacro %}

{#- One type off the front of source.tokens. It calls itself, and no macro between: each takes seven frames of Python's 1000. -#}
{% macro _ddl_type(source, depth) %}
  {%- set scalars = ['BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'STRING', 'DATE', 'TIMESTAMP', 'TIMESTAMP_NTZ', 'VARIANT'] -%}
  {%- set aliases = {'BOOL': 'BOOLEAN', 'BYTE': 'TINYINT', 'SHORT': 'SMALLINT', 'INTEGER': 'INT', 'LONG': 'BIGINT', 'REAL': 'FLOAT', 'TEXT': 'STRING',
                     'VARCHAR': 'STRING', 'CHAR': 'STRING', 'JSON': 'VARIANT'} -%}
  {%- set known = scalars | join(', ') ~ ", DECIMAL(p, s), ARRAY<…>, MAP<…, …>, STRUCT<name type, …>, ENUM('a', 'b')" -%}
  {%- if depth > 64 -%}{%- do dbt_ai._ddl_error(source.text, 'types are nested more than 64 deep') -%}{%- endif -%}
  {%- set token = dbt_ai._take(source, 'name', 'a type, one of ' ~ known ~ ',') -%}
  {%- set name = aliases.get(token.text | upper, token.text | upper) -%}
  {%- if name == 'ARRAY' -%}
    {%- do dbt_ai._take_sign(source, '<') -%}
    {%- set element = dbt_ai._ddl_type(source, depth + 1) -%}
    {%- do dbt_ai._take_sign(source, '>') -%}
    {{ return({'kind': 'array', 'element': element}) }}
  {%- elif name == 'MAP' -%}
    {%- do dbt_ai._take_sign(source, '<') -%}
    {%- set written = source.tokens[0].text -%}
    {%- set key = dbt_ai._ddl_type(source, depth + 1) -%}
    {%- if key.kind not in ['scalar', 'decimal', 'enum'] or key.name == 'VARIANT' -%}
      {%- do dbt_ai._ddl_error(source.text, "a MAP's key cannot be " ~ written ~ '; use a scalar type') -%}
    {%- endif -%}
    {%- do dbt_ai._take_sign(source, ',') -%}
    {%- set value = dbt_ai._ddl_type(source, depth + 1) -%}
    {%- do dbt_ai._take_sign(source, '>') -%}
    {{ return({'kind': 'map', 'key': key, 'value': value}) }}
  {%- elif name == 'STRUCT' -%}
    {%- do dbt_ai._take_sign(source, '<') -%}
    {%- set fields = [] -%}
    {%- set more = namespace(fields=true) -%}
    {%- for _ in range(source.tokens | length) -%}{%- if more.fields -%}
      {%- set field = {'name': dbt_ai._take_field_name(source, fields)} -%}
      {%- do field.update({'type': dbt_ai._ddl_type(source, depth + 1)}) -%}
      {%- do field.update(dbt_ai._take_constraints(source)) -%}
      {%- do fields.append(field) -%}
      {%- set more.fields = source.tokens[0].sign == ',' -%}
      {%- if more.fields -%}{%- do source.tokens.pop(0) -%}{%- endif -%}
    {%- endif -%}{%- endfor -%}
    {%- if source.tokens[0].sign != '>' -%}{%- do dbt_ai._ddl_unexpected(source, 'is not expected after the type' if depth < 0 else "stands where ',' or '>' is expected") -%}{%- endif -%}
    {%- do source.tokens.pop(0) -%}
    {{ return({'kind': 'struct', 'fields': fields}) }}
  {%- elif name == 'ENUM' -%}
    {{ return({'kind': 'enum', 'values': dbt_ai._take_list(source, 'text', 'a value in quotes')}) }}
  {%- elif name in ['DECIMAL', 'DEC', 'NUMERIC'] -%}
    {%- set numbers = dbt_ai._take_list(source, 'name', 'a number') if source.tokens[0].sign == '(' else [10, 0] -%}
    {%- set precision, scale = numbers[0], numbers[1] if numbers | length > 1 else 0 -%}
    {%- if numbers | length > 2 or precision < 1 or precision > 38 or scale > precision -%}
      {%- do dbt_ai._ddl_error(source.text, 'DECIMAL takes a precision from 1 to 38 and a scale from 0 to the precision') -%}
    {%- endif -%}
    {{ return({'kind': 'decimal', 'precision': precision, 'scale': scale}) }}
  {%- elif name not in scalars -%}
    {%- do dbt_ai._ddl_error(source.text, "'" ~ token.text ~ "' at position " ~ token.position ~ ' is not a type; use one of ' ~ known) -%}
  {%- endif -%}
  {#- A length says nothing that an endpoint could be held to. -#}
  {%- if token.text | upper in ['VARCHAR', 'CHAR'] and source.tokens[0].sign == '(' -%}{%- do dbt_ai._take_list(source, 'name', 'a number') -%}{%- endif -%}
  {{ return({'kind': 'scalar', 'name': name}) }}
{% endmacro %}

{% macro _take_field_name(source, fields) %}
  {%- set name = source.tokens[0].text -%}
  {%- if source.tokens[0].kind not in ['name', 'quoted'] -%}
    {%- do dbt_ai._ddl_unexpected(source, 'stands where the name of a field is expected' ~ (', which is quoted as `name`' if source.tokens[0].kind == 'text' else '')) -%}
  {%- endif -%}
  {#- SQL engines compare the names of fields without case. -#}
  {%- for field in fields if field.name | lower == name | lower -%}
    {%- do dbt_ai._ddl_error(source.text, "field '" ~ name ~ "' is there twice") -%}
  {%- endfor -%}
  {%- do source.tokens.pop(0) -%}
  {%- if source.tokens[0].sign == ':' -%}{%- do source.tokens.pop(0) -%}{%- endif -%}
  {{ return(name) }}
{% endmacro %}

{#- What may follow the type of a field: NOT NULL, COMMENT '…'. -#}
{% macro _take_constraints(source) %}
  {%- set field = {'nullable': true, 'required': true, 'comment': none} -%}
  {%- if source.tokens[0].kind == 'name' and source.tokens[0].text | upper == 'NOT' -%}
    {%- do source.tokens.pop(0) -%}
    {%- if source.tokens[0].kind != 'name' or source.tokens[0].text | upper != 'NULL' -%}
      {%- do dbt_ai._ddl_unexpected(source, 'stands where NULL is expected after NOT') -%}
    {%- endif -%}
    {%- do source.tokens.pop(0) -%}
    {%- do field.update({'nullable': false}) -%}
  {%- endif -%}
  {%- if source.tokens[0].kind == 'name' and source.tokens[0].text | upper == 'COMMENT' -%}
    {%- do source.tokens.pop(0) -%}
    {%- do field.update({'comment': dbt_ai._take(source, 'text', 'a comment in quotes').text}) -%}
  {%- endif -%}
  {{ return(field) }}
{% endmacro %}

{#- ('a', 'b') or (10, 2). -#}
{% macro _take_list(source, kind, expected) %}
  {%- set values = [] -%}
  {%- do dbt_ai._take_sign(source, '(') -%}
  {%- set more = namespace(values=true) -%}
  {%- for _ in range(source.tokens | length) -%}{%- if more.values -%}
    {%- set token = dbt_ai._take(source, kind, expected) -%}
    {%- if kind == 'name' and not modules.re.match('[0-9]{1,6}$', token.text) -%}
      {%- do dbt_ai._ddl_error(source.text, "'" ~ token.text ~ "' at position " ~ token.position ~ ' is not a number') -%}
    {%- elif token.text in values -%}
      {%- do dbt_ai._ddl_error(source.text, 'a value of ENUM is there twice') -%}
    {%- endif -%}
    {%- do values.append(token.text | int if kind == 'name' else token.text) -%}
    {%- set more.values = source.tokens[0].sign == ',' -%}
    {%- if more.values -%}{%- do source.tokens.pop(0) -%}{%- endif -%}
  {%- endif -%}{%- endfor -%}
  {%- do dbt_ai._take_sign(source, ')') -%}
  {{ return(values) }}
{% endmacro %}

{% macro _take(source, kind, expected) %}
  {%- if source.tokens[0].kind != kind -%}{%- do dbt_ai._ddl_unexpected(source, 'stands where ' ~ expected ~ ' is expected') -%}{%- endif -%}
  {{ return(source.tokens.pop(0)) }}
{% endmacro %}

{% macro _take_sign(source, sign) %}
  {%- if source.tokens[0].sign != sign -%}{%- do dbt_ai._ddl_unexpected(source, "stands where '" ~ sign ~ "' is expected") -%}{%- endif -%}
  {%- do source.tokens.pop(0) -%}
{% endmacro %}

{% macro _ddl_unexpected(source, problem) %}
  {%- set token = source.tokens[0] -%}
  {%- do dbt_ai._ddl_error(source.text, ('the end' if token.kind == 'end' else "'" ~ token.text ~ "' at position " ~ token.position) ~ ' ' ~ problem) -%}
{% endmacro %}

{% macro _ddl_error(text, problem) %}
  {%- do exceptions.raise_compiler_error("return_type '" ~ text ~ "': " ~ problem) -%}
{% endmacro %}
