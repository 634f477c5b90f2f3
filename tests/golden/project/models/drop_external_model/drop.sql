{{ dbt_ai.drop_external_model('embedder') }}
