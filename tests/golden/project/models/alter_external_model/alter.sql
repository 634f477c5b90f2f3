{{ dbt_ai.alter_external_model('embedder', model='text-embedding-3-large', parameters={'dimensions': 1024}) }}
