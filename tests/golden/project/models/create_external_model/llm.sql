{{ dbt_ai.create_external_model(
     location   = 'https://api.openai.com/v1/chat/completions',
     api_format = 'OpenAI',
     model_type = 'CHAT',
     model      = 'gpt-4o-mini',
     credential = 'https://api.openai.com',
     parameters = {'max_tokens': 256},
     native     = {'databricks': 'databricks-meta-llama-3-3-70b-instruct', 'snowflake': 'claude-sonnet-4-6', 'bigquery': 'gemini-2.5-flash',
                   'redshift': 'anthropic.claude-3-5-sonnet-20240620-v1:0'}) }}
