-- Stands for the serving endpoint 'sales-forecast' of a workspace; without DBT_AI_SERVING_URL a mock does.
{% set workspace = env_var('DBT_AI_SERVING_URL', '') %}
{{ dbt_ai.create_external_model(
     location   = workspace ~ '/serving-endpoints/revenue/invocations' if workspace else 'mock:',
     api_format = 'Databricks' if workspace else 'Mock',
     model_type = 'CUSTOM', model = 'revenue', parameters = {},
     native     = {'databricks': 'sales-forecast'}) }}
