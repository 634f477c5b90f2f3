{% macro duckdb___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions, effort=none) -%}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set request = dbt_ai._duckdb_request(input, external_model.model_type) -%}
  {%- set call = dbt_ai._call(function, external_model, parameters, {'messages': messages, 'return_type': return_type,
        'response_format': response_format, 'request_format': 'json' if request.is_json else none, 'questions': questions, 'effort': effort}) -%}
  {%- set described = dbt_ai._duckdb_describe(call, request.sql) -%}
  {#- A struct may hold a conversation, and whether a column is one only its type tells. -#}
  {%- if function == 'ai_query' and not request.is_json and not dbt_ai._is_text_as_written(request.sql) -%}{%- do call.update({'request_format': 'by type'}) -%}{%- endif -%}
  {#- response_format alone shapes the text of the answer, not its SQL type. -#}
  {%- set typed = return_type is not none -%}
  {{ return(dbt_ai._duckdb_function('query', call, request.sql, described.type if typed else 'VARCHAR', fail_on_error, typed and described.nested)) }}
{%- endmacro %}

{#- A request as the function's argument: text as it is, a struct as JSON. A custom model takes every value as JSON, which
    keeps its type. -#}
{% macro _duckdb_request(request, model_type) -%}
  {%- set sql = request | trim -%}
  {%- if modules.re.match('struct\\s*\\(\\s*\\*\\s*\\)$', sql, modules.re.IGNORECASE) -%}
    {%- set sql = 'to_json(struct_pack(*columns(*)))' -%}
  {%- elif not sql.startswith('to_json(') and (model_type == 'CUSTOM' or sql.startswith('{') or modules.re.match('(struct_pack|row)\\s*\\(', sql, modules.re.IGNORECASE)) -%}
    {%- set sql = 'to_json(' ~ sql ~ ')' -%}
  {%- endif -%}
  {{ return({'sql': sql, 'is_json': sql.startswith('to_json(')}) }}
{%- endmacro %}

{% macro duckdb___runs_functions() -%}
  {{ return(true) }}
{%- endmacro %}

{% macro duckdb___effort_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, effort) -%}
  {{ return(dbt_ai.duckdb___answer(function, external_model, input, fail_on_error, parameters, messages, return_type, none, none, effort)) }}
{%- endmacro %}
