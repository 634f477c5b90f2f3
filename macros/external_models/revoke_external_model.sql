{#- Take back what grant_external_model gave; nothing happens where it was not given. -#}
{% macro revoke_external_model(name, from, privilege='EXECUTE') -%}
  {%- if execute -%}
    {%- do adapter.dispatch('revoke_external_model', 'dbt_ai')(dbt_ai._model_name(name) if name else none, [from] if from is string else from, privilege) -%}
  {%- endif -%}
{%- endmacro %}

{% macro default__revoke_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('revoke_external_model', 'AI027', 'grant on the relation of the external model with the grants config') %}
{% endmacro %}
