{#- What config(grants={'execute': ['reporter']}) of a model file says, on the object that the engine made of the external model. -#}
{% macro _apply_external_model_grants(external_model) %}
  {%- set grant = adapter.dispatch('grant_external_model', 'dbt_ai') -%}
  {%- for privilege, grantees in external_model.grants.items() -%}
    {%- do grant(external_model.name, [grantees] if grantees is string else grantees, privilege) -%}
  {%- endfor -%}
{% endmacro %}
