{#- Errors as data are read by position: the fields are called result and errorMessage on some runtimes, response and
    errorStatus on others. A request that is a struct is a custom model's, whose answer returnType describes. -#}
{% macro databricks__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set type = dbt_ai._wanted_type(return_type, response_format) -%}
  {%- set custom = external_model.model_type == 'CUSTOM' or modules.re.match('\\s*(named_struct|struct)\\s*\\(', request, modules.re.IGNORECASE) is not none -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- set arguments = [dbt_ai._string_literal(dbt_ai._databricks_endpoint(external_model)), request] -%}
  {%- if custom and parameters -%}
    {% do exceptions.raise_compiler_error('AI003: ai_query on databricks: a custom model takes no model_parameters (' ~ parameters.keys() | join(', ') ~ '); put them into the request') %}
  {%- elif response_format and modules.re.match('\\s*STRUCT\\s*<', response_format, modules.re.IGNORECASE) and type.fields | length != 1 -%}
    {% do exceptions.raise_compiler_error('AI005: ai_query on databricks: response_format has ' ~ type.fields | length ~ ' fields at its top, Databricks takes one; wrap them in one field, give a JSON Schema, or use return_type') %}
  {%- endif -%}
  {%- if custom and type -%}{%- do arguments.append('returnType => ' ~ dbt_ai._string_literal(dbt_ai._type_ddl(type))) -%}{%- endif -%}
  {%- if not fail_on_error -%}{%- do arguments.append('failOnError => false') -%}{%- endif -%}
  {%- if parameters -%}{%- do arguments.append('modelParameters => ' ~ dbt_ai._databricks_parameters(parameters)) -%}{%- endif -%}
  {%- if type and not custom -%}
    {%- set schema = {'type': 'json_schema', 'json_schema': {'name': 'answer', 'schema': dbt_ai._answer_schema(return_type, response_format, type), 'strict': true}} -%}
    {%- do arguments.append('responseFormat => ' ~ dbt_ai._string_literal(tojson(schema))) -%}
  {%- elif response_format in ('text', 'json_object') -%}
    {%- do arguments.append('responseFormat => ' ~ dbt_ai._string_literal(response_format)) -%}
  {%- endif -%}
  {%- set call = 'ai_query(' ~ arguments | join(', ') ~ ')' -%}
  {%- set read = type and return_type and not custom -%}
  {%- if fail_on_error -%}
    {%- set answer = dbt_ai._spark_read(call, type, "map('mode', 'FAILFAST')") if read else call -%}
  {%- else -%}
    {%- set answer = dbt_ai._spark_read_or_error('CAST(' ~ call ~ ' AS STRUCT<response: ' ~ (dbt_ai._type_ddl(type) if custom and type else 'STRING') ~ ', errorStatus: STRING>)', type if read else none) -%}
  {%- endif -%}
  {{ return(answer if custom else dbt_ai._unless_null(request, answer)) }}
{%- endmacro %}
