{% macro duckdb__ai_dedupe(dedupe) -%}
  {{ return(dbt_ai._deduped(dedupe)) }}
{%- endmacro %}
