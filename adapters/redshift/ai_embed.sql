{% macro redshift__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {{ dbt_ai._unsupported('ai_embed', 'AI018', 'Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB') }}
{%- endmacro %}
