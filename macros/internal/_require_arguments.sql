{#- Refuse an argument that cannot be what its function needs, in one sentence. -#}
{% macro _require_expression(function, argument, expression) -%}
  {%- if expression is not string or not expression.strip() -%}
    {%- set problem = 'is missing: give a SQL expression' if expression is undefined or expression is none
          else 'is a relation: give a SQL expression over its columns' if dbt_ai._is_relation(expression)
          else ("''" if expression is string else expression) ~ ' is not a SQL expression: give one' -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ problem ~ " as text, such as 'body' or \"'Summarize: ' || body\"") %}
  {%- endif -%}
  {#- It stands in the middle of a line, and of a statement. What its strings hold is theirs, whether a backslash escapes a quote or not. -#}
  {%- set quoted = '|"(?:[^"]|"")*"|`[^`]*`|[$][$].*?[$][$]|/[*].*?[*]/' -%}
  {%- set outside = [] -%}
  {%- for string in ["'(?:[^']|'')*'", "'(?:[^'\\\\]|''|\\\\.)*'"] -%}{%- do outside.append(modules.re.sub(string ~ quoted, '', expression, flags=modules.re.DOTALL)) -%}{%- endfor -%}
  {%- for sign, name in {'--': 'a comment', ';': 'the end of a statement'}.items() if sign in outside[0] and sign in outside[1] -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ tojson(expression) ~ ' has ' ~ name ~ ' in it (' ~ sign ~ '); give the SQL expression alone') %}
  {%- endfor -%}
  {%- do dbt_ai._warn_of_quoted_column(function, argument, expression) -%}
{%- endmacro %}

{% macro _require_text(function, argument, text, such_as) -%}
  {%- if text is not string or not text.strip() -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ ("''" if text is string else text) ~ " is not a text; give one, such as '" ~ such_as ~ "'") %}
  {%- endif -%}
{%- endmacro %}

{% macro _require_pairs(function, examples) -%}
  {%- set pair = function ~ ": examples is not a list of pairs; write examples=[('a text', 'its answer'), …]" -%}
  {%- if examples is string or examples is mapping or examples is not sequence -%}
    {% do exceptions.raise_compiler_error(pair) %}
  {%- endif -%}
  {%- for example in examples if example is string or example is mapping or example is not sequence or example | length != 2 -%}
    {% do exceptions.raise_compiler_error(pair) %}
  {%- endfor -%}
{%- endmacro %}

{#- What ref() and source() give, also while parsing. To Jinja it is a mapping. -#}
{% macro _is_relation(value) -%}
  {{ return(value is mapping and value.quote_policy is defined and value.include_policy is defined) }}
{%- endmacro %}
