{#- The type of a JSON text, as Spark's schema_of_json finds it. dbt_ai.return_type.json_schema in Jinja. -#}
{% macro _type_of_sample(text) %}
  {%- set no_json = {} -%}
  {%- set value = fromjson(text, no_json) -%}
  {%- if value is sameas no_json -%}
    {% do exceptions.raise_compiler_error("return_type schema_of_json('" ~ text ~ "'): the sample is not JSON; give one example of an answer") %}
  {%- endif -%}
  {{ return(dbt_ai._type_of_value(value, 0) or {'kind': 'scalar', 'name': 'STRING'}) }}
{% endmacro %}

{#- none: nothing is known, from null or an empty list. -#}
{% macro _type_of_value(value, depth) %}
  {%- set text = {'kind': 'scalar', 'name': 'STRING'} -%}
  {%- if depth > 64 -%}{% do exceptions.raise_compiler_error('return_type schema_of_json: the sample is nested more than 64 deep') %}{%- endif -%}
  {%- if value is none -%}{{ return(none) }}
  {%- elif value is boolean -%}{{ return({'kind': 'scalar', 'name': 'BOOLEAN'}) }}
  {%- elif value is integer -%}
    {{ return({'kind': 'scalar', 'name': 'BIGINT'} if -9223372036854775808 <= value and value <= 9223372036854775807 else {'kind': 'decimal', 'precision': 38, 'scale': 0}) }}
  {%- elif value is number -%}{{ return({'kind': 'scalar', 'name': 'DOUBLE'}) }}
  {%- elif value is string -%}{{ return(text) }}
  {%- elif value is mapping -%}
    {%- if not value -%}{{ return({'kind': 'scalar', 'name': 'VARIANT'}) }}{%- endif -%}
    {%- set fields = [] -%}
    {#- Spark sorts the fields that it infers, and so the column is the same there. -#}
    {%- for name in value.keys() | sort(case_sensitive=true) -%}
      {%- do fields.append({'name': name, 'type': dbt_ai._type_of_value(value[name], depth + 1) or text, 'nullable': true, 'required': true, 'comment': none}) -%}
    {%- endfor -%}
    {%- if fields | map(attribute='name') | map('lower') | unique(case_sensitive=true) | list | length < fields | length -%}
      {% do exceptions.raise_compiler_error('return_type schema_of_json: two fields differ only by case, which SQL does not tell apart') %}
    {%- endif -%}
    {{ return({'kind': 'struct', 'fields': fields}) }}
  {%- endif -%}
  {%- set found = namespace(element=none) -%}
  {%- for item in value -%}{%- set found.element = dbt_ai._merged_type(found.element, dbt_ai._type_of_value(item, depth + 1)) -%}{%- endfor -%}
  {{ return({'kind': 'array', 'element': found.element or text}) }}
{% endmacro %}

{#- The type of both, as two items of one list. -#}
{% macro _merged_type(one, other) %}
  {%- set text = {'kind': 'scalar', 'name': 'STRING'} -%}
  {%- if one is none or other is none or one == other -%}{{ return(one if other is none else other) }}{%- endif -%}
  {%- if one.name in ['BIGINT', 'DOUBLE'] and other.name in ['BIGINT', 'DOUBLE'] -%}{{ return({'kind': 'scalar', 'name': 'DOUBLE'}) }}{%- endif -%}
  {%- if one.kind == 'array' and other.kind == 'array' -%}
    {{ return({'kind': 'array', 'element': dbt_ai._merged_type(one.element, other.element) or text}) }}
  {%- elif one.kind == 'struct' and other.kind == 'struct' -%}
    {%- set types = {} -%}
    {%- for field in one.fields -%}{%- do types.update({field.name: field.type}) -%}{%- endfor -%}
    {%- for field in other.fields -%}{%- do types.update({field.name: dbt_ai._merged_type(types.get(field.name), field.type)}) -%}{%- endfor -%}
    {%- set fields = [] -%}
    {%- for name in types.keys() | sort(case_sensitive=true) -%}
      {%- do fields.append({'name': name, 'type': types[name] or text, 'nullable': true, 'required': true, 'comment': none}) -%}
    {%- endfor -%}
    {{ return({'kind': 'struct', 'fields': fields}) }}
  {%- endif -%}
  {{ return({'kind': 'scalar', 'name': 'VARIANT'}) }}
{% endmacro %}
