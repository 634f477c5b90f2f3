{% macro ai_embed(model, text, parameters={}, fail_on_error=true) -%}
  {%- do dbt_ai._require_expression('ai_embed', 'text', text) -%}
  {%- set external_model = dbt_ai._external_model(model, 'EMBEDDINGS', 'ai_embed') -%}
  {%- if external_model.looked_up -%}
    {{ return(dbt_ai._looked_up_vector(external_model, text, parameters, fail_on_error)) }}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_embed', 'dbt_ai')(external_model, text, parameters, fail_on_error)) }}
{%- endmacro %}

{% macro default__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {{ dbt_ai._needs_runtime('ai_embed') }}
{%- endmacro %}
