{{ dbt_ai.create_external_model(
     location   = 'https://api.openai.com/v1/chat/completions',
     api_format = 'OpenAI',
     model_type = 'CHAT',
     model      = 'gpt-4o-mini') }}
