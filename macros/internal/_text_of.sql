{#- The text that travels of a value, by its type and not by how it is written: of what is nested it is JSON. Engines without _is_nested
    have JSON for a text of it, or refuse to make a text of it. -#}
{% macro _text_of(expression) %}
  {%- set text = dbt_ai._uncut('(' ~ expression ~ ')', dbt.type_string()) -%}
  {%- if dbt_ai._is_text_as_written(expression) -%}{{ return(text) }}{%- endif -%}
  {%- set is_text = adapter.dispatch('_is_text', 'dbt_ai')('(' ~ expression ~ ')') -%}
  {%- set is_nested = adapter.dispatch('_is_nested', 'dbt_ai')('(' ~ expression ~ ')') -%}
  {%- set in_utc = adapter.dispatch('_in_utc', 'dbt_ai')('(' ~ expression ~ ')') -%}
  {%- set branches = [] -%}
  {%- if is_text -%}{%- do branches.append('when ' ~ is_text ~ ' then ' ~ text) -%}{%- endif -%}
  {%- if is_nested -%}{%- do branches.append('when ' ~ is_nested ~ ' then ' ~ dbt_ai._json_of('(' ~ expression ~ ')')) -%}{%- endif -%}
  {%- if in_utc -%}{%- do branches.append('when ' ~ in_utc.is_moment ~ ' then ' ~ in_utc.text) -%}{%- endif -%}
  {{ return('case ' ~ branches | join(' ') ~ ' else ' ~ text ~ ' end' if branches else text) }}
{% endmacro %}

{#- Whether a value is a text, for engines that decide it anew for each row: most are. -#}
{% macro default___is_text(expression) %}
  {{ return(none) }}
{% endmacro %}

{#- Whether a value is a struct, a map or a list. -#}
{% macro default___is_nested(expression) %}
  {{ return(none) }}
{% endmacro %}

{#- How the text of a time with time zone is made the same in every session: is_moment, whether the value is one, and its text. -#}
{% macro default___in_utc(expression) %}
  {{ return(none) }}
{% endmacro %}

{#- What is text whatever its columns are: JSON that we wrote, an answer that is text, and what is joined to a literal text. Saves SQL that
    nobody needs. -#}
{% macro _is_text_as_written(expression) %}
  {%- set written = "to_json[(]|cast[(]dbt_ai_query[(].* as VARCHAR[)]$|[(]select \\w+[(]dbt_ai_answer[.]|[(]?N?'([^']|'')*'\\s*[|][|]" -%}
  {{ return(modules.re.match(written, expression | trim, modules.re.DOTALL) is not none) }}
{% endmacro %}
