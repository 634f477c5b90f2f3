{% macro ai_embed(model, text, parameters={}, fail_on_error=true) -%}
  {{ return(adapter.dispatch('ai_embed', 'dbt_ai')(dbt_ai._external_model(model, 'EMBEDDINGS'), text, parameters, fail_on_error)) }}
{%- endmacro %}

{% macro default__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {{ dbt_ai._unsupported('ai_embed', 'AI001', 'run this model on DuckDB, Spark or Databend, where the dbt_ai runtime embeds it') }}
{%- endmacro %}
