{% macro postgres__ai_dedupe(dedupe) -%}
  {{ return(dbt_ai._deduped(dedupe)) }}
{%- endmacro %}
