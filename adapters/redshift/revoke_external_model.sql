{% macro redshift__revoke_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('revoke_external_model', 'AI018', 'what Redshift grants on the function of a Bedrock model is not documented: revoke CREATE MODEL or schema privileges by hand') %}
{% endmacro %}
