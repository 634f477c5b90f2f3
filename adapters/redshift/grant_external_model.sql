{% macro redshift__grant_external_model(name, grantees, privilege) %}
  {% do dbt_ai._unsupported('grant_external_model', 'AI018', 'what Redshift grants on the function of a Bedrock model is not documented: grant CREATE MODEL or schema privileges by hand') %}
{% endmacro %}
