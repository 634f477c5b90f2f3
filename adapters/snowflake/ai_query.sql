{#- AI_COMPLETE answers NULL for a row that failed (BCR-2184); return_error_details gives {value, error}, and AI_THROW_IF_ERROR makes
    the error one of the query. The lambda names the answer once: a call must not stand in the SQL twice. -#}
{% macro snowflake__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set wanted = dbt_ai._told_and_read(return_type, response_format) -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- set arguments = ['model => ' ~ dbt_ai._string_literal(dbt_ai._snowflake_model(external_model)), 'prompt => ' ~ request] -%}
  {%- if (parameters.get('temperature', 0) | float) > 1 -%}
    {% do exceptions.raise_compiler_error('AI002: temperature ' ~ parameters.temperature ~ '; Snowflake takes 0 to 1') %}
  {%- endif -%}
  {%- if parameters -%}{%- do arguments.append('model_parameters => ' ~ dbt_ai._snowflake_constant(parameters)) -%}{%- endif -%}
  {%- if (wanted.told or wanted.read) and modules.re.match('PROMPT\\s*\\(', request.strip(), modules.re.IGNORECASE) -%}
    {% do exceptions.raise_compiler_error('AI010: ai_query on snowflake: AI_COMPLETE takes no schema beside PROMPT(…) and its files; leave return_type and response_format out and ask for JSON in the prompt, or give the request as text') %}
  {%- elif wanted.told -%}
    {%- set schema = dbt_ai._snowflake_schema(dbt_ai._plain_schema(wanted.told.schema, wanted.told.written), dbt_ai._snowflake_model(external_model)) -%}
    {%- do arguments.append('response_format => ' ~ dbt_ai._snowflake_constant({'type': 'json', 'schema': schema})) -%}
  {%- endif -%}
  {%- do arguments.append('return_error_details => TRUE') -%}
  {%- set call = 'AI_COMPLETE(' ~ arguments | join(', ') ~ ')' -%}
  {%- if fail_on_error -%}
    {%- set answer = dbt_ai._snowflake_read('AI_THROW_IF_ERROR(' ~ call ~ ')', wanted.read) -%}
  {%- else -%}
    {%- set answer = "TRANSFORM([" ~ call ~ "], answer -> OBJECT_CONSTRUCT_KEEP_NULL('response', " ~ dbt_ai._snowflake_value('answer:value', wanted.read)
        ~ ", 'errorStatus', answer:error))[0]::OBJECT(response " ~ dbt_ai._snowflake_type(wanted.read.type if wanted.read else {'name': 'STRING'}) ~ ', "errorStatus" VARCHAR)' -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(request, answer)) }}
{%- endmacro %}
