{#- The text that travels of a value, by its type and not by how it is written: of what is nested it is JSON. Engines without _is_nested
    have JSON for a text of it, or refuse to make a text of it. -#}
{% macro _text_of(expression) %}
  {%- set text = dbt_ai._uncut('(' ~ expression ~ ')', dbt.type_string()) -%}
  {%- set is_nested = none if dbt_ai._is_text_as_written(expression) else adapter.dispatch('_is_nested', 'dbt_ai')('(' ~ expression ~ ')') -%}
  {{ return('case when ' ~ is_nested ~ ' then ' ~ dbt_ai._json_of('(' ~ expression ~ ')') ~ ' else ' ~ text ~ ' end' if is_nested else text) }}
{% endmacro %}

{#- Whether a value is a struct, a map or a list. -#}
{% macro default___is_nested(expression) %}
  {{ return(none) }}
{% endmacro %}

{#- What is text whatever its columns are: JSON that we wrote, an answer that is text, and what is joined to a literal text. Saves SQL that
    nobody needs. -#}
{% macro _is_text_as_written(expression) %}
  {%- set written = "to_json[(]|cast[(]dbt_ai_query[(].* as VARCHAR[)]$|[(]select \\w+[(]dbt_ai_answer[.]|[(]?N?'([^']|'')*'\\s*[|][|]" -%}
  {{ return(modules.re.match(written, expression | trim, modules.re.DOTALL) is not none) }}
{% endmacro %}
