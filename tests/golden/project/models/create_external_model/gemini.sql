{{ dbt_ai.create_external_model(
     location    = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
     api_format  = 'Gemini',
     model_type  = 'CHAT',
     model       = 'gemini-2.5-flash',
     credential  = 'https://generativelanguage.googleapis.com',
     parameters  = {'max_tokens': 256},
     execution   = 'batch',
     wait        = '6h',
     batch_above = 500) }}
