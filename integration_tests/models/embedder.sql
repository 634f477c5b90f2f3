{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='mock-embedder', parameters={'dimensions': 16}) }}
