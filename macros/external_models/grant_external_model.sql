{#- Let others use an external model: grant_external_model(ref('embedder'), 'reporter'). Without a model, a privilege of the database:
    grant_external_model(none, 'data_engineer', 'CREATE EXTERNAL MODEL'). DuckDB has no privileges: there they are recorded, not enforced. -#}
{% macro grant_external_model(name, to, privilege='EXECUTE') -%}
  {%- if execute -%}
    {%- do adapter.dispatch('grant_external_model', 'dbt_ai')(dbt_ai._model_name(name) if name else none, [to] if to is string else to, privilege) -%}
  {%- endif -%}
{%- endmacro %}

{% macro default__grant_external_model(name, to, privilege) %}
  {% do dbt_ai._unsupported('grant_external_model', 'AI027', 'grant on the relation of the external model with the grants config') %}
{% endmacro %}
