{#- Without ANSI mode a text that is cast to a number is NULL. -#}
{% macro spark___fail_with(sentence) -%}
  cast(raise_error({{ sentence }}) as integer)
{%- endmacro %}
