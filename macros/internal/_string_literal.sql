{#- A text as a SQL literal. A reader of logs finds it as written but for quotes and, where they escape, backslashes. -#}
{% macro _string_literal(text) -%}
  {{ return(adapter.dispatch('_string_literal', 'dbt_ai')(text | string)) }}
{%- endmacro %}

{% macro default___string_literal(text) -%}
  {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}
