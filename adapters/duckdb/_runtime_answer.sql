{% macro duckdb___runtime_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions=none) -%}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set request = dbt_ai._duckdb_request(input, external_model.model_type) -%}
  {%- set call = dbt_ai._duckdb_call(function, external_model, parameters, {'messages': messages, 'return_type': return_type,
        'response_format': response_format, 'request_format': 'json' if request.is_json else none, 'questions': questions}) -%}
  {%- set described = dbt_ai._duckdb_describe(call) -%}
  {#- A struct may hold a conversation, and whether a column is one only its type tells. -#}
  {%- if function == 'ai_query' and not request.is_json and not dbt_ai._duckdb_is_text(request.sql) -%}{%- do call.update({'request_format': 'by type'}) -%}{%- endif -%}
  {#- response_format alone shapes the text of the answer, not its SQL type. -#}
  {%- set typed = return_type is not none -%}
  {{ return(dbt_ai._duckdb_answer('query', call, request.sql, described.type if typed else 'VARCHAR', fail_on_error, typed and described.nested)) }}
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

{#- What travels of a value, by its type and not by how it is written: a struct, a map and a list as JSON, everything else as text. DuckDB decides
    it while it binds. -#}
{% macro _duckdb_text(expression) -%}
  {%- if dbt_ai._duckdb_is_text(expression) -%}
    {{ return('cast(' ~ expression ~ ' as varchar)') }}
  {%- endif -%}
  {{ return('case when ' ~ dbt_ai._duckdb_is_nested(expression) ~ ' then cast(to_json(' ~ expression ~ ') as varchar) else cast(' ~ expression ~ ' as varchar) end') }}
{%- endmacro %}

{#- What is text or JSON whatever its columns are: what we wrote, and what is joined to a literal text. Saves SQL that nobody needs. -#}
{% macro _duckdb_is_text(expression) -%}
  {{ return(modules.re.match("to_json[(]|cast[(]dbt_ai_query[(].* as VARCHAR[)]$|[(]?'([^']|'')*'\\s*[|][|]", expression | trim, modules.re.DOTALL) is not none) }}
{%- endmacro %}

{% macro _duckdb_is_nested(expression) -%}
  {{ return("regexp_matches(typeof(" ~ expression ~ "), '^(STRUCT|TUPLE|MAP|UNION)|[]]$')") }}
{%- endmacro %}

{% macro duckdb___decision(function, external_model, input, fail_on_error, parameters, messages, return_type, questions) -%}
  {{ return(dbt_ai.duckdb___runtime_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, none, questions)) }}
{%- endmacro %}
