{#- An answer as a look-up in `responses`: plain SQL that any tool can run, NULL where the answer is not stored yet.

    The call stands in it as a constant that nothing reads but the runtime, which finds in it what to ask. The names of the columns are
    changed in a select of their own, so that none of them hides a column of the input. The aggregate makes the subquery scalar in
    the eyes of engines that take no other correlated one. With asks=false the runtime asks nothing for it. -#}
{% macro _look_up(call, input, column='value', asks=true) %}
  {%- set stored = adapter.dispatch('_stored_column', 'dbt_ai')(column) -%}
  {%- if dbt_ai._in_unit_test() -%}{{ return(dbt_ai._mocked(call, input, stored)) }}{%- endif -%}
  {{ return('(select ' ~ adapter.dispatch('_only', 'dbt_ai')('dbt_ai_answer.dbt_ai_value', stored)
      ~ ' from (select ' ~ dbt_ai._column('key') ~ ' as dbt_ai_key, ' ~ dbt_ai._column(stored) ~ ' as dbt_ai_value'
      ~ (', ' ~ dbt_ai._string_literal(tojson(call)) ~ ' as dbt_ai_call' if asks else '') ~ ' from ' ~ dbt_ai._stored('responses')
      ~ ') as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = ' ~ dbt_ai._key(call, input) ~ ')') }}
{% endmacro %}

{#- The mock's answer in a unit test, which nothing plans: of text the same as everywhere, of a type or a vector one for all inputs. -#}
{% macro _mocked(call, input, column) %}
  {%- set text = dbt_ai._text_of(input) -%}
  {%- if column == 'vector' or call.function == 'ai_embed' or call.return_type or call.response_format -%}
    {%- set answer = dbt_ai._ask_runtime('mock', {'call': tojson(call), 'column': column}).sql if dbt_ai._has_runtime() else 'null' -%}
  {%- else -%}
    {%- set hash = 'substring(' ~ adapter.dispatch('_hex_key', 'dbt_ai')(text) ~ ', 1, 16)' -%}
    {%- set answer = dbt_ai._concatenation([dbt_ai._string_literal('mock answer '), hash]) -%}
  {%- endif -%}
  {{ return('(case when (' ~ input ~ ') is not null then ' ~ answer ~ ' end)') }}
{% endmacro %}

{#- The key as hexadecimal text. -#}
{% macro default___hex_key(text) %}
  {{ return(adapter.dispatch('_key', 'dbt_ai')(text)) }}
{% endmacro %}

{#- Why the last run got no answer; NULL where there is one, or where nobody has asked yet. -#}
{% macro _look_up_failure(call, input) %}
  {%- if dbt_ai._in_unit_test() -%}{{ return('cast(null as ' ~ dbt.type_string() ~ ')') }}{%- endif -%}
  {{ return('(select max(dbt_ai_failure.dbt_ai_message) from (select ' ~ dbt_ai._column('key') ~ ' as dbt_ai_key, ' ~ dbt_ai._column('message')
      ~ ' as dbt_ai_message from ' ~ dbt_ai._stored('failures') ~ ') as dbt_ai_failure where dbt_ai_failure.dbt_ai_key = ' ~ dbt_ai._key(call, input) ~ ')') }}
{% endmacro %}

{#- The key of an answer: dbt_ai.call.Call.keys computes the same. -#}
{% macro _key(call, input) %}
  {{ return(adapter.dispatch('_key', 'dbt_ai')(dbt_ai._concatenation([dbt_ai._string_literal(dbt_ai._call_digest(call)), dbt_ai._text_of(input)]))) }}
{% endmacro %}

{#- SHA-256 of a text's UTF-8, as hexadecimal text in lower case. -#}
{% macro default___key(text) %}
  {{ return('sha256(' ~ text ~ ')') }}
{% endmacro %}

{#- The one value of a group that has no other. -#}
{% macro default___only(expression, column) %}
  {{ return('max(' ~ expression ~ ')') }}
{% endmacro %}

{#- Vectors are JSON text where the engine has no arrays of numbers. -#}
{% macro default___stored_column(column) %}
  {{ return('value' if column == 'vector' else column) }}
{% endmacro %}

{% macro _column(name) %}
  {{ return(adapter.dispatch('_column', 'dbt_ai')(name)) }}
{% endmacro %}

{% macro default___column(name) %}
  {{ return(name) }}
{% endmacro %}

{#- A table of the runtime: responses, failures, usage. -#}
{% macro _stored(table) %}
  {{ return(api.Relation.create(database=target.database, schema=dbt_ai._setting('schema', 'dbt_ai'), identifier=table) | string) }}
{% endmacro %}
