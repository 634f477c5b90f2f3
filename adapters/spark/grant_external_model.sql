{% macro spark__grant_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('grant_external_model', 'AI019', 'Spark has no privileges of its own: grant in the catalog that guards its tables') %}
{% endmacro %}
