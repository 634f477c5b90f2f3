-- Stands for the serving endpoint 'spam-classification' of a workspace; without DBT_AI_SERVING_URL a mock does.
{% set workspace = env_var('DBT_AI_SERVING_URL', '') %}
{{ dbt_ai.create_external_model(
     location   = workspace ~ '/serving-endpoints/spam/invocations' if workspace else 'mock:',
     api_format = 'Databricks' if workspace else 'Mock',
     model_type = 'CUSTOM', model = 'spam', parameters = {},
     native     = {'databricks': 'spam-classification'}) }}
