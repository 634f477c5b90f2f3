{#- Drop an external model, in a hook or a run-operation; nothing happens where there is none. Its answers stay stored. -#}
{% macro drop_external_model(name) -%}
  {%- if execute -%}
    {%- do adapter.dispatch('drop_external_model', 'dbt_ai')(dbt_ai._model_name(name)) -%}
  {%- endif -%}
{%- endmacro %}

{% macro default__drop_external_model(name) %}
  {% do dbt_ai._unsupported('drop_external_model', 'AI027', 'delete the model file of the external model') %}
{% endmacro %}
