{{ dbt_ai.grant_external_model(none, 'engineer', 'CREATE EXTERNAL MODEL') }}
