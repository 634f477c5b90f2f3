-- create_external_model on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- embedder
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/embeddings',
--        api_format = 'OpenAI',
--        model_type = 'EMBEDDINGS',
--        model      = 'text-embedding-3-small',
--        credential = 'https://api.openai.com',
--        parameters = {'dimensions': 512},
--        native     = {'databricks': 'databricks-gte-large-en', 'snowflake': 'snowflake-arctic-embed-l-v2.0', 'bigquery': 'text-embedding-005'}) }}
select
  N'embedder' as "name",
  N'https://api.openai.com/v1/embeddings' as "location",
  N'OpenAI' as "api_format",
  N'EMBEDDINGS' as "model_type",
  N'text-embedding-3-small' as "model",
  N'https://api.openai.com' as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{"dimensions": 512}' as "parameters"
;

-- gemini
--   {{ dbt_ai.create_external_model(
--        location    = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
--        api_format  = 'Gemini',
--        model_type  = 'CHAT',
--        model       = 'gemini-2.5-flash',
--        credential  = 'https://generativelanguage.googleapis.com',
--        parameters  = {'max_tokens': 256},
--        execution   = 'batch',
--        wait        = '6h',
--        batch_above = 500) }}
select
  N'gemini' as "name",
  N'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent' as "location",
  N'Gemini' as "api_format",
  N'CHAT' as "model_type",
  N'gemini-2.5-flash' as "model",
  N'https://generativelanguage.googleapis.com' as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{"max_tokens": 256}' as "parameters"
;

-- llm
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/chat/completions',
--        api_format = 'OpenAI',
--        model_type = 'CHAT',
--        model      = 'gpt-4o-mini',
--        credential = 'https://api.openai.com',
--        parameters = {'max_tokens': 256},
--        native     = {'databricks': 'databricks-meta-llama-3-3-70b-instruct', 'snowflake': 'claude-sonnet-4-6', 'bigquery': 'gemini-2.5-flash',
--                      'redshift': 'anthropic.claude-3-5-sonnet-20240620-v1:0'}) }}
select
  N'llm' as "name",
  N'https://api.openai.com/v1/chat/completions' as "location",
  N'OpenAI' as "api_format",
  N'CHAT' as "model_type",
  N'gpt-4o-mini' as "model",
  N'https://api.openai.com' as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{"max_tokens": 256}' as "parameters"
;

-- unnamed
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/chat/completions',
--        api_format = 'OpenAI',
--        model_type = 'CHAT',
--        model      = 'gpt-4o-mini') }}
select
  N'unnamed' as "name",
  N'https://api.openai.com/v1/chat/completions' as "location",
  N'OpenAI' as "api_format",
  N'CHAT' as "model_type",
  N'gpt-4o-mini' as "model",
  cast(null as varchar(8000)) as "credential",
  cast(null as varchar(8000)) as "identity",
  N'{}' as "parameters"
;
