{#- Errors as data are read by position: the fields are called result and errorMessage on some runtimes, response and
    errorStatus on others. A request that is a struct is a custom model's, whose answer returnType describes. -#}
{% macro databricks__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set wanted = dbt_ai._told_and_read(return_type, response_format) -%}
  {%- set custom = external_model.model_type == 'CUSTOM' or modules.re.match('\\s*(named_struct|struct)\\s*\\(', request, modules.re.IGNORECASE) is not none -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- set arguments = [dbt_ai._string_literal(dbt_ai._databricks_endpoint(external_model)), request] -%}
  {%- if custom and parameters -%}
    {% do exceptions.raise_compiler_error('AI003: ai_query on databricks: a custom model takes no model_parameters (' ~ parameters.keys() | join(', ') ~ '); put them into the request') %}
  {%- elif response_format and modules.re.match('\\s*STRUCT\\s*<', response_format, modules.re.IGNORECASE) and wanted.told.type.fields | length != 1 -%}
    {% do exceptions.raise_compiler_error('AI005: ai_query on databricks: response_format has ' ~ wanted.told.type.fields | length ~ ' fields at its top, Databricks takes one; wrap them in one field, give a JSON Schema, or use return_type') %}
  {%- endif -%}
  {%- set predicted = (wanted.read or wanted.told).type if custom and (wanted.read or wanted.told) else none -%}
  {%- if predicted -%}{%- do arguments.append('returnType => ' ~ dbt_ai._string_literal(dbt_ai._type_ddl(predicted))) -%}{%- endif -%}
  {%- if not fail_on_error -%}{%- do arguments.append('failOnError => false') -%}{%- endif -%}
  {%- if parameters -%}{%- do arguments.append('modelParameters => ' ~ dbt_ai._databricks_parameters(parameters)) -%}{%- endif -%}
  {%- if wanted.told and not custom -%}
    {%- do arguments.append('responseFormat => ' ~ dbt_ai._string_literal(tojson(dbt_ai._openai_response_format(wanted.told)))) -%}
  {%- elif response_format in ['text', 'json_object'] -%}
    {%- do arguments.append('responseFormat => ' ~ dbt_ai._string_literal(response_format)) -%}
  {%- endif -%}
  {%- set call = 'ai_query(' ~ arguments | join(', ') ~ ')' -%}
  {%- set read = none if custom else wanted.read -%}
  {%- if fail_on_error -%}
    {%- set answer = dbt_ai._spark_read(call, read, "map('mode', 'FAILFAST')") if read else call -%}
  {%- else -%}
    {%- set answer = dbt_ai._spark_read_or_error('CAST(' ~ call ~ ' AS STRUCT<response: ' ~ (dbt_ai._type_ddl(predicted) if predicted else 'STRING') ~ ', errorStatus: STRING>)', read) -%}
  {%- endif -%}
  {{ return(answer if custom else dbt_ai._unless_null(request, answer)) }}
{%- endmacro %}
