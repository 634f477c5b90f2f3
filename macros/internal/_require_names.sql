{#- Refuse labels or fields that are no constant list, or mapping, of distinct names. -#}
{% macro _require_names(function, argument, names, least, most) -%}
  {%- if names is string or names is not iterable -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ names ~ " is not a list; write ['a', 'b'], or {'a': 'what a means'}") %}
  {%- endif -%}
  {%- set seen = [] -%}
  {%- for name in names -%}
    {%- if name is not string or not name.strip() -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' has ' ~ name ~ ', which is not a name; give texts') %}
    {%- elif name in seen -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ " has '" ~ name ~ "' twice") %}
    {%- endif -%}
    {%- do seen.append(name) -%}
  {%- endfor -%}
  {%- if seen | length < least or seen | length > most -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' has ' ~ (seen | length) ~ ' names; give ' ~ least ~ ' to ' ~ most) %}
  {%- endif -%}
{%- endmacro %}
