{#- Answers are stored by the content of their request: every row may be asked, and only what is new is paid for. -#}
{% macro duckdb__ai_changed_rows(relation, unique_key, inputs, errors) -%}
  {{ return(relation) }}
{%- endmacro %}
