{{ dbt_ai.create_external_model(
     location   = 'https://api.openai.com/v1/embeddings',
     api_format = 'OpenAI',
     model_type = 'EMBEDDINGS',
     model      = 'text-embedding-3-small',
     credential = 'https://api.openai.com',
     parameters = {'dimensions': 512},
     native     = {'databricks': 'databricks-gte-large-en', 'snowflake': 'snowflake-arctic-embed-l-v2.0', 'bigquery': 'text-embedding-005'}) }}
