{#- AI012: the scalar functions answer with Gemini only; other models are table functions over a remote model. -#}
{% macro _bigquery_gemini(external_model) %}
  {%- set name = dbt_ai._native_model(external_model, 'bigquery') -%}
  {%- if execute and not modules.re.match('gemini|https?:.*gemini', name) -%}
    {{ dbt_ai._unsupported("ai_query with model '" ~ name ~ "'", 'AI012', 'AI.GENERATE answers with Gemini models only: name one, or select from AI.GENERATE_TEXT over a remote model of your own') }}
  {%- endif -%}
  {{ return(name) }}
{% endmacro %}

{#- AI014: what AI.GENERATE takes in output_schema. -#}
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

{% macro _bigquery_fields(type) %}
  {%- set fields = [] -%}
  {%- for field in type.fields -%}
    {%- set described = ' OPTIONS(description = ' ~ dbt_ai._string_literal(field.comment) ~ ')' if field.comment
          else (' OPTIONS(description = ' ~ dbt_ai._string_literal('one of ' ~ field.type['values'] | join(', ')) ~ ')' if field.type.kind == 'enum' else '') -%}
    {%- do fields.append(field.name ~ ' ' ~ dbt_ai._bigquery_type(field.type) ~ described) -%}
  {%- endfor -%}
  {{ return(fields | join(', ')) }}
{% endmacro %}

{#- {value, error} of a call, which stands in the SQL once. value: expression over `answer`. -#}
{% macro _bigquery_answer(call, value, fail_on_error) %}
  {%- set outcome = "(select " ~ ("as struct if(coalesce(answer.status, '') = '', " ~ value ~ ", null) as response, nullif(answer.status, '') as errorStatus" if not fail_on_error
        else "if(coalesce(answer.status, '') = '', " ~ value ~ ", error(answer.status))") ~ " from (select " ~ call ~ " as answer))" -%}
  {{ return(outcome) }}
{% endmacro %}
