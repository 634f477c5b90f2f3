{{ dbt_ai.revoke_external_model('embedder', 'reporter') }}
