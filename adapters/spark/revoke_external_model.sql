{% macro spark__revoke_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('revoke_external_model', 'AI019', 'Spark has no privileges of its own: revoke in the catalog that guards its tables') %}
{% endmacro %}
