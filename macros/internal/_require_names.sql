{#- Refuse labels or fields that are no constant list, or mapping, of distinct names. AI013: a column of labels, which no engine takes. -#}
{% macro _require_names(function, argument, names, least, most) -%}
  {%- if names is string or names is not iterable -%}
    {% do exceptions.raise_compiler_error('AI013: ' ~ function ~ ': ' ~ argument ~ ' ' ~ names ~ " is not a list of constants; write ['a', 'b'] or {'a': 'what a means'}; what differs by row belongs into the text") %}
  {%- endif -%}
  {%- set seen = [] -%}
  {%- for name in names -%}
    {%- if name is not string or not name.strip() -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' has ' ~ ("''" if name is string else name) ~ ', which is not a name; give texts') %}
    {%- elif name in seen -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ " has '" ~ name ~ "' twice") %}
    {%- endif -%}
    {%- do seen.append(name) -%}
  {%- endfor -%}
  {%- if seen | length < least or seen | length > most -%}
    {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' has ' ~ (seen | length) ~ ' names; give ' ~ least ~ ' to ' ~ most) %}
  {%- endif -%}
{%- endmacro %}
