{#- AI012: the scalar functions answer with Gemini only; other models are table functions over a remote model. -#}
{% macro _bigquery_gemini(external_model) %}
  {%- set name = dbt_ai._native_model(external_model, 'bigquery') -%}
  {%- if execute and not modules.re.match('gemini|https?:.*gemini', name) -%}
    {{ dbt_ai._unsupported("ai_query with model '" ~ name ~ "'", 'AI012', 'AI.GENERATE answers with Gemini models only: name one, or select from AI.GENERATE_TEXT over a remote model of your own') }}
  {%- endif -%}
  {{ return(name) }}
{% endmacro %}

{#- AI014: what AI.GENERATE takes in output_schema.
    https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-ai-generate#arguments -#}
{% macro _bigquery_type(type) %}
  {%- if type.kind == 'struct' -%}
    {{ return('STRUCT<' ~ dbt_ai._bigquery_fields(type) ~ '>') }}
  {%- elif type.kind == 'array' -%}{{ return('ARRAY<' ~ dbt_ai._bigquery_type(type.element) ~ '>') }}
  {%- elif type.kind == 'enum' -%}{{ return('STRING') }}
  {%- endif -%}
  {%- set known = {'BOOLEAN': 'BOOL', 'TINYINT': 'INT64', 'SMALLINT': 'INT64', 'INT': 'INT64', 'BIGINT': 'INT64', 'FLOAT': 'FLOAT64', 'DOUBLE': 'FLOAT64', 'STRING': 'STRING'} -%}
  {%- if type.name not in known -%}
    {{ dbt_ai._unsupported('return_type ' ~ dbt_ai._type_ddl(type), 'AI014', 'AI.GENERATE answers STRING, INT64, FLOAT64, BOOL, ARRAY and STRUCT: ask for one of these and cast the column after it') }}
  {%- endif -%}
  {{ return(known.get(type.name, 'STRING')) }}
{% endmacro %}

{#- What AI.GENERATE is told of a return type: the fields at its top. -#}
{% macro _bigquery_output_schema(return_type) %}
  {%- set type = dbt_ai._answer_struct(return_type) -%}
  {%- if type.kind != 'struct' -%}{%- do dbt_ai._bigquery_type(type) -%}{%- endif -%}
  {{ return(dbt_ai._bigquery_fields(type)) }}
{% endmacro %}

{#- A field is a name, a type and a description. Labels and whether a field may be null are said there, for nothing else has a place. -#}
{% macro _bigquery_fields(type) %}
  {%- set fields = [] -%}
  {%- for field in type.fields -%}
    {%- if not modules.re.match('[A-Za-z_][A-Za-z0-9_]*$', field.name) -%}
      {{ dbt_ai._unsupported("a field '" ~ field.name ~ "' in return_type", 'AI014', 'name it with letters, digits and _') }}
    {%- endif -%}
    {%- set said = [field.comment] if field.comment else [] -%}
    {%- set labelled = field.type.element if field.type.kind == 'array' else field.type -%}
    {%- if labelled.kind == 'enum' -%}{%- do said.append('one of ' ~ labelled['values'] | join(', ')) -%}{%- endif -%}
    {%- if field.nullable -%}{%- do said.append('null if not known') -%}{%- endif -%}
    {%- do fields.append(field.name ~ ' ' ~ dbt_ai._bigquery_type(field.type) ~ (' OPTIONS(description = ' ~ dbt_ai._string_literal(said | join('; ')) ~ ')' if said else '')) -%}
  {%- endfor -%}
  {{ return(fields | join(', ')) }}
{% endmacro %}

{#- {value, error} of a call, which stands in the SQL once. value: expression over `answer`. -#}
{% macro _bigquery_value(call, value, fail_on_error) %}
  {%- set outcome = "(select " ~ ("as struct if(coalesce(answer.status, '') = '', " ~ value ~ ", null) as response, nullif(answer.status, '') as errorStatus" if not fail_on_error
        else "if(coalesce(answer.status, '') = '', " ~ value ~ ", error(answer.status))") ~ " from (select " ~ call ~ " as answer))" -%}
  {{ return(outcome) }}
{% endmacro %}
