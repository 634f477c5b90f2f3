{#- The SQL expression of one call whose answer is looked up, typed as a native one would be. Arguments as of _answer. -#}
{% macro _looked_up_answer(function, external_model, input, fail_on_error, parameters, messages, return_type, response_format, questions=none, effort=none) %}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set request = dbt_ai._looked_up_request(input, external_model.model_type) -%}
  {%- set call = dbt_ai._looked_up_call(function, external_model, parameters, fail_on_error, {'messages': messages, 'return_type': return_type,
        'response_format': response_format, 'request_format': 'json' if request.is_json else none, 'questions': questions}) -%}
  {%- set type = dbt_ai._parse_type(return_type) if return_type else none -%}
  {%- set type = none if dbt_ai._is_text(type) or type.kind == 'enum' else type -%}
  {%- set by_effort = dict(call, effort=effort) if effort and not call.get('mock') else none -%}
  {%- if by_effort -%}
    {%- set text = 'coalesce(' ~ dbt_ai._look_up(call, request.sql, asks=false) ~ ', ' ~ dbt_ai._look_up(by_effort, request.sql) ~ ')' -%}
  {%- else -%}
    {%- set text = dbt_ai._look_up(call, request.sql) -%}
  {%- endif -%}
  {%- set value = adapter.dispatch('_as_type', 'dbt_ai')(text, type) if type else text -%}
  {%- if fail_on_error -%}{{ return(value) }}{%- endif -%}
  {%- if by_effort -%}  {#- what failed may have been answered since, by either of the two -#}
    {%- set unanswered = 'coalesce(' ~ dbt_ai._look_up(call, request.sql, asks=false) ~ ', ' ~ dbt_ai._look_up(by_effort, request.sql, asks=false) ~ ') is null' -%}
  {%- endif -%}
  {{ return(dbt_ai._looked_up_with_error(by_effort or call, request.sql, value, type or {'kind': 'scalar', 'name': 'STRING'}, unanswered)) }}
{% endmacro %}

{% macro _looked_up_vector(external_model, text, parameters, fail_on_error) %}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set call = dbt_ai._looked_up_call('ai_embed', external_model, parameters, fail_on_error) -%}
  {%- set vector = dbt_ai._look_up(call, text, 'vector') -%}
  {%- if fail_on_error -%}
    {%- set given = dict(external_model.parameters or {}, **dbt_ai._model_parameters(parameters)) -%}
    {{ return(adapter.dispatch('_as_vector', 'dbt_ai')(vector, given.get('dimensions'))) }}
  {%- endif -%}
  {{ return(dbt_ai._looked_up_with_error(call, text, vector, {'kind': 'array', 'element': {'kind': 'scalar', 'name': 'FLOAT'}})) }}
{% endmacro %}

{#- The texts of a group are one input, a JSON list in the order of their bytes: the order of rows decides neither the answer nor its key. -#}
{% macro _looked_up_aggregate(function, external_model, content, messages, fail_on_error, parameters) %}
  {%- if not execute -%}{{ return('null') }}{%- endif -%}
  {%- set call = dbt_ai._looked_up_call(function, external_model, parameters, fail_on_error, {'messages': messages, 'request_format': 'texts'}) -%}
  {%- set content = '(' ~ content ~ ')' -%}
  {%- set written = 'case when ' ~ content ~ ' is not null then ' ~ dbt_ai._json_of(content) ~ ' end' -%}
  {%- set listed = dbt.listagg(written, dbt_ai._string_literal(','), 'order by ' ~ adapter.dispatch('_by_bytes', 'dbt_ai')(content)) -%}
  {%- set texts = dbt_ai._concatenation([dbt_ai._string_literal('['), listed | trim, dbt_ai._string_literal(']')]) -%}
  {%- set answer = dbt_ai._look_up(call, texts) -%}
  {{ return(answer if fail_on_error else dbt_ai._looked_up_with_error(call, texts, answer, {'kind': 'scalar', 'name': 'STRING'})) }}
{% endmacro %}

{#- What texts are ordered by, so that their bytes decide and no language does. -#}
{% macro default___by_bytes(text) %}
  {{ return(text) }}
{% endmacro %}

{% macro _looked_up_call(function, external_model, parameters, fail_on_error, extra={}) %}
  {%- if (function == 'ai_embed') != (external_model.model_type == 'EMBEDDINGS') -%}
    {%- set wanted = {'ai_embed': 'EMBEDDINGS', 'ai_decide': 'DECISIONS or CHAT', 'ai_rank': 'RERANKING, DECISIONS or CHAT'} -%}
    {% do exceptions.raise_compiler_error(function ~ ' needs an external model of model_type ' ~ wanted.get(function, 'CHAT') ~ "; '"
        ~ external_model.name ~ "' is " ~ external_model.model_type) %}
  {%- endif -%}
  {%- set call = dbt_ai._call(function, external_model, parameters or {}, extra) -%}
  {%- if env_var('DBT_AI_MODE', dbt_ai._setting('mode', 'live')) == 'mock' -%}{%- do call.update({'mock': true}) -%}{%- endif -%}
  {%- if not fail_on_error -%}{%- do call.update({'fail_on_error': false}) -%}{%- endif -%}
  {{ return(call) }}
{% endmacro %}

{#- NULL of a NULL input; else the answer beside why there is none. unanswered: a condition for the latter. -#}
{% macro _looked_up_with_error(call, input, value, type, unanswered=none) %}
  {%- set failure = dbt_ai._look_up_failure(call, input) -%}
  {%- set failure = 'case when ' ~ unanswered ~ ' then ' ~ failure ~ ' end' if unanswered else failure -%}
  {%- set answer = adapter.dispatch('_with_error', 'dbt_ai')(value, failure, type) -%}
  {{ return(dbt_ai._unless_null(input, answer)) }}
{% endmacro %}

{#- The text that travels: JSON of a struct or of a conversation, which is all that a custom model takes. -#}
{% macro _looked_up_request(request, model_type) %}
  {%- set sql = request | trim -%}
  {%- if modules.re.match('struct\\s*\\(\\s*\\*\\s*\\)$', sql, modules.re.IGNORECASE) -%}
    {{ dbt_ai._unsupported("ai_query of 'struct(*)'", 'AI026', 'name the columns with ai_struct(…)') }}
  {%- elif modules.re.match('(named_struct|struct)\\s*\\(', sql, modules.re.IGNORECASE) -%}
    {{ dbt_ai._unsupported('ai_query of ' ~ sql[:40], 'AI026', 'a request that is looked up is text: write the struct with ai_struct(…)') }}
  {%- endif -%}
  {%- set written = '(cast\\(\\s*jsonb_build_object|to_json|to_json_string|json_serialize|json_object|to_string\\(json_object_keep_null)\\s*\\(' -%}
  {%- set is_json = model_type == 'CUSTOM' or modules.re.match(written, sql) or modules.re.match("\\(N?'[{]\"", sql) or modules.re.search("'[{]\"messages\":\\[", sql) -%}
  {{ return({'sql': sql, 'is_json': true if is_json else false}) }}
{% endmacro %}

{#- The types that every engine has, by the names that dbt's adapter gives them; what is nested stays JSON text. -#}
{% macro default___as_type(text, type) %}
  {%- set names = {'BOOLEAN': dbt.type_boolean(), 'TINYINT': dbt.type_int(), 'SMALLINT': dbt.type_int(), 'INT': dbt.type_int(), 'BIGINT': dbt.type_bigint(),
        'FLOAT': dbt.type_float(), 'DOUBLE': dbt.type_float(), 'DATE': 'date', 'TIMESTAMP': dbt.type_timestamp(), 'TIMESTAMP_NTZ': dbt.type_timestamp()} -%}
  {%- if type.kind == 'decimal' -%}{{ return('cast(' ~ text ~ ' as decimal(' ~ type.precision ~ ', ' ~ type.scale ~ '))') }}
  {%- elif type.name in names -%}{{ return('cast(' ~ text ~ ' as ' ~ names[type.name] ~ ')') }}
  {%- endif -%}
  {{ return(text) }}
{% endmacro %}

{% macro default___as_vector(vector, dimensions) %}
  {{ return(vector) }}
{% endmacro %}

{% macro default___with_error(value, error, type) %}
  {{ dbt_ai._unsupported('fail_on_error=false', 'AI026', 'dbt_ai knows no struct of this engine: leave it out, and read why a row failed in the table `failures`') }}
{% endmacro %}
