{% macro bigquery__grant_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('grant_external_model', 'AI015', 'BigQuery grants on datasets, not on models: grant on the SCHEMA, or with IAM') %}
{% endmacro %}
