-- create_external_model on clickhouse. Judged by sqlglot (clickhouse). Written by tests/golden/golden.py.

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
  'embedder' as name,
  'https://api.openai.com/v1/embeddings' as location,
  'OpenAI' as api_format,
  'EMBEDDINGS' as model_type,
  'text-embedding-3-small' as model,
  'https://api.openai.com' as credential,
  cast(null as String) as identity,
  '{"dimensions": 512}' as parameters
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
  'gemini' as name,
  'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent' as location,
  'Gemini' as api_format,
  'CHAT' as model_type,
  'gemini-2.5-flash' as model,
  'https://generativelanguage.googleapis.com' as credential,
  cast(null as String) as identity,
  '{"max_tokens": 256}' as parameters
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
  'llm' as name,
  'https://api.openai.com/v1/chat/completions' as location,
  'OpenAI' as api_format,
  'CHAT' as model_type,
  'gpt-4o-mini' as model,
  'https://api.openai.com' as credential,
  cast(null as String) as identity,
  '{"max_tokens": 256}' as parameters
;

-- unnamed
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/chat/completions',
--        api_format = 'OpenAI',
--        model_type = 'CHAT',
--        model      = 'gpt-4o-mini') }}
select
  'unnamed' as name,
  'https://api.openai.com/v1/chat/completions' as location,
  'OpenAI' as api_format,
  'CHAT' as model_type,
  'gpt-4o-mini' as model,
  cast(null as String) as credential,
  cast(null as String) as identity,
  '{}' as parameters
;
