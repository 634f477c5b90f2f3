{{ dbt_ai.create_external_model(
     location   = 'https://api.typesafe.ai/v1/systemone',
     api_format = 'System One',
     model_type = 'DECISIONS',
     model      = 'jev-2026-09',
     credential = 'https://api.typesafe.ai',
     native     = {'databricks': 'ai_decide'}) }}
