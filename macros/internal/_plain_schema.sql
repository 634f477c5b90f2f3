{#- A JSON Schema in the words that warehouses know. What may be null is [type, 'null'], for Databricks has no anyOf:
    https://docs.databricks.com/aws/en/machine-learning/model-serving/structured-outputs. `format`, `pattern` and `multipleOf` of a schema
    that we made are said in the description, for Azure and Snowflake refuse them:
    https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs#unsupported-type-specific-keywords,
    https://docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs#limitations.
    written: the user wrote the schema, whose rules stay. -#}
{% macro _plain_schema(schema, written) %}
  {%- if schema is not mapping -%}{{ return(schema) }}{%- endif -%}
  {%- set plain = {} -%}
  {%- for name, value in schema.items() -%}
    {%- if name in ['properties', '$defs', 'definitions'] -%}
      {%- set inner = {} -%}
      {%- for key, part in value.items() -%}{%- do inner.update({key: dbt_ai._plain_schema(part, written)}) -%}{%- endfor -%}
      {%- do plain.update({name: inner}) -%}
    {%- elif name in ['items', 'additionalProperties'] -%}
      {%- do plain.update({name: dbt_ai._plain_schema(value, written)}) -%}
    {%- elif name in ['anyOf', 'oneOf'] -%}
      {%- set real = dbt_ai._not_null(value) -%}
      {%- if real | length == 1 and value | length == 2 and real[0] is mapping and real[0].get('type') is string -%}
        {%- do plain.update(dbt_ai._plain_schema(real[0], written)) -%}
        {%- do plain.update({'type': [plain.type, 'null']}) -%}
        {%- if 'enum' in plain -%}{%- do plain.update({'enum': plain.enum + [none]}) -%}{%- endif -%}
      {%- else -%}
        {%- set branches = [] -%}
        {%- for branch in value -%}{%- do branches.append(dbt_ai._plain_schema(branch, written)) -%}{%- endfor -%}
        {%- do plain.update({name: branches}) -%}
      {%- endif -%}
    {%- elif written or name not in ['format', 'pattern', 'multipleOf', 'description'] -%}
      {%- do plain.update({name: value}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if not written -%}
    {%- set rules = {'date': 'a date as YYYY-MM-DD', 'date-time': 'date and time as YYYY-MM-DDTHH:MM:SSZ'}.get(schema.get('format'))
          or ('date and time as YYYY-MM-DDTHH:MM:SS, without an offset' if 'pattern' in schema else none)
          or ('a multiple of ' ~ schema.multipleOf if 'multipleOf' in schema else none) or plain.get('description') -%}
    {%- set said = schema.get('description') -%}
    {%- if said or rules -%}{%- do plain.update({'description': said ~ ' (' ~ rules ~ ')' if said and rules else said or rules}) -%}{%- endif -%}
  {%- endif -%}
  {{ return(plain) }}
{% endmacro %}

{#- What OpenAI's API is told, and Databricks, which takes the same. -#}
{% macro _openai_response_format(told) %}
  {%- set schema = dbt_ai._plain_schema(told.schema, told.written) -%}
  {{ return({'type': 'json_schema', 'json_schema': {'name': 'answer', 'schema': schema, 'strict': dbt_ai._is_strict_schema(schema)}}) }}
{% endmacro %}

{#- Whether OpenAI takes the schema with strict=true: every field required, none besides, no free-form object, no keyword that it refuses.
    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas -#}
{% macro _is_strict_schema(schema) %}
  {%- if schema is not mapping -%}{{ return(true) }}{%- endif -%}
  {%- set refused = ['allOf', 'contains', 'dependentRequired', 'dependentSchemas', 'else', 'if', 'maxContains', 'maxLength', 'maxProperties', 'minContains',
        'minLength', 'minProperties', 'not', 'oneOf', 'patternProperties', 'prefixItems', 'propertyNames', 'then', 'unevaluatedItems',
        'unevaluatedProperties', 'uniqueItems'] -%}
  {%- if schema.keys() | select('in', refused) | list -%}{{ return(false) }}{%- endif -%}
  {%- set inner = [] -%}
  {%- if schema.get('type') == 'object' or 'properties' in schema -%}
    {%- set properties = schema.get('properties', {}) -%}
    {%- if schema.get('additionalProperties', true) is not sameas false or schema.get('required', []) | unique(case_sensitive=true) | sort(case_sensitive=true) | list != properties.keys() | sort(case_sensitive=true) | list -%}
      {{ return(false) }}
    {%- endif -%}
    {%- do inner.extend(properties.values()) -%}
  {%- elif not schema -%}
    {{ return(false) }}
  {%- else -%}
    {%- if 'items' in schema -%}{%- do inner.append(schema['items']) -%}{%- endif -%}
    {%- do inner.extend(schema.get('anyOf', [])) -%}
  {%- endif -%}
  {%- for part in inner if not dbt_ai._is_strict_schema(part) -%}{{ return(false) }}{%- endfor -%}
  {{ return(true) }}
{% endmacro %}
