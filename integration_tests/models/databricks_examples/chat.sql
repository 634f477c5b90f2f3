-- Stands for the serving endpoint 'my-external-model-openai-chat' of a workspace; without DBT_AI_SERVING_URL a mock does.
{% set workspace = env_var('DBT_AI_SERVING_URL', '') %}
{{ dbt_ai.create_external_model(
     location   = workspace ~ '/serving-endpoints/chat/invocations' if workspace else 'mock:',
     api_format = 'Databricks' if workspace else 'Mock',
     model_type = 'CHAT', model = 'chat', parameters = {'max_tokens': 100},
     native     = {'databricks': 'my-external-model-openai-chat'}) }}
