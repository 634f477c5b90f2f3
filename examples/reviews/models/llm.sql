{{ dbt_ai.create_external_model(
     location   = env_var('LLM_URL', 'http://127.0.0.1:8080') ~ '/v1/chat/completions',
     api_format = 'OpenAI',
     model_type = 'CHAT',
     model      = 'SmolLM2-135M-Instruct',
     identity   = 'SmolLM2-135M-Instruct',
     parameters = {'max_tokens': 16}) }}
