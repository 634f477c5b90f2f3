{#- The return type that allows these names only; names may be a list or the keys of a mapping. -#}
{% macro _enum(names) -%}
  {%- set quoted = [] -%}
  {%- for name in names -%}
    {%- do quoted.append(dbt_ai._quoted_in_type(name)) -%}
  {%- endfor -%}
  {{ return('ENUM(' ~ quoted | join(', ') ~ ')') }}
{%- endmacro %}

{#- A text literal in a return type, where a backslash escapes. -#}
{% macro _quoted_in_type(text) -%}
  {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}
