{% macro _unsupported(function, code, instead) -%}
  {%- if execute -%}
    {% do exceptions.raise_compiler_error(code ~ ': ' ~ function ~ ' has no native form on ' ~ target.type ~ '; ' ~ instead) %}
  {%- endif -%}
{%- endmacro %}
