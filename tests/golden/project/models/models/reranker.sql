{{ dbt_ai.create_external_model(
     location   = 'https://api.cohere.com/v2/rerank',
     api_format = 'Cohere',
     model_type = 'RERANKING',
     model      = 'rerank-v4.0',
     credential = 'https://api.cohere.com') }}
