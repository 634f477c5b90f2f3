{% macro bigquery__revoke_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('revoke_external_model', 'AI015', 'BigQuery grants on datasets, not on models: revoke on the SCHEMA, or with IAM') %}
{% endmacro %}
