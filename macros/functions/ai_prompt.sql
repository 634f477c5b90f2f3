{#- A text made of a constant template and SQL expressions: ai_prompt('Compare {0} with {1}', 'a', 'b').
    Only the template is searched for {0}: braces and quotes in the data are data. {{ and }} are single braces. NULL in any of the
    expressions makes the prompt NULL. -#}
{% macro ai_prompt(template) -%}
  {%- set parts = [] -%}
  {%- set used = [] -%}
  {%- for literal, index in modules.re.findall('((?:[^{}]|\\{\\{|\\}\\})*)(\\{[0-9]+\\}|$|[{}])', template) -%}
    {%- if literal -%}
      {%- do parts.append(dbt_ai._string_literal(literal | replace('{{', '{') | replace('}}', '}'))) -%}
    {%- endif -%}
    {%- if index in ['{', '}'] -%}
      {% do exceptions.raise_compiler_error("ai_prompt: the template " ~ dbt_ai._string_literal(template) ~ " has a single '" ~ index ~ "'; write '" ~ index ~ index ~ "' for a brace, {0} for the first expression") %}
    {%- elif index -%}
      {%- set position = index[1:-1] | int -%}
      {%- if position >= varargs | length -%}
        {% do exceptions.raise_compiler_error("ai_prompt: the template asks for " ~ index ~ " but " ~ (varargs | length) ~ " expressions are given") %}
      {%- endif -%}
      {%- do used.append(position) -%}
      {%- do parts.append(dbt_ai._uncut(varargs[position], dbt.type_string())) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for position in range(varargs | length) if position not in used -%}
    {% do exceptions.raise_compiler_error("ai_prompt: the template does not use {" ~ position ~ "}, which is " ~ varargs[position]) %}
  {%- endfor -%}
  {{ return(dbt_ai._concatenation(parts or ["''"])) }}
{%- endmacro %}
