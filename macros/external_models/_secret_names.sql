{#- Names of secrets, in lower case and without - and _: those of SECRETS in dbt_ai/parameters.py. tests/cases/ holds for both. -#}
{% macro _secret_names() %}
  {{ return(['authorization', 'apikey', 'xapikey', 'xgoogapikey', 'subscriptionkey', 'ocpapimsubscriptionkey', 'bearer', 'bearertoken',
      'accesstoken', 'apitoken', 'authtoken', 'clientsecret', 'secret', 'password']) }}
{% endmacro %}
