{#- A function of one's own over ai_query, as CREATE FUNCTION correct_grammar(text) is in Databricks. -#}
{% macro correct_grammar(text) -%}
  {{ return(dbt_ai.ai_query(ref('chat'), "'Correct this to standard English: ' || " ~ text, fail_on_error=false)) }}
{%- endmacro %}
