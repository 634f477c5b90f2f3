{{ dbt_ai.grant_external_model('embedder', ['reporter', 'analyst']) }}
