-- create_external_model on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- embedder
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/embeddings',
--        api_format = 'OpenAI',
--        model_type = 'EMBEDDINGS',
--        model      = 'text-embedding-3-small',
--        credential = 'https://api.openai.com',
--        parameters = {'dimensions': 512},
--        native     = {'databricks': 'databricks-gte-large-en', 'snowflake': 'snowflake-arctic-embed-l-v2.0', 'bigquery': 'text-embedding-005'}) }}
IF NOT EXISTS (SELECT 1 FROM sys.external_models WHERE name = N'embedder')
  CREATE EXTERNAL MODEL [embedder]
  WITH (
    LOCATION = N'https://api.openai.com/v1/embeddings',
    API_FORMAT = N'OpenAI',
    MODEL_TYPE = EMBEDDINGS,
    MODEL = N'text-embedding-3-small',
    CREDENTIAL = [https://api.openai.com],
    PARAMETERS = N'{"dimensions": 512}'
  );
ELSE IF NOT EXISTS (
  SELECT 1 FROM sys.external_models AS m
  LEFT JOIN sys.database_scoped_credentials AS c ON c.credential_id = m.credential_id
  WHERE m.name = N'embedder'
    AND m.location = N'https://api.openai.com/v1/embeddings'
    AND m.api_format = N'OpenAI'
    AND m.model = N'text-embedding-3-small'
    AND ISNULL(c.name, N'') = N'https://api.openai.com'
    AND ISNULL(CAST(m.parameters AS nvarchar(max)), N'{}') = N'{"dimensions": 512}'
)
  ALTER EXTERNAL MODEL [embedder]
  SET (
    LOCATION = N'https://api.openai.com/v1/embeddings',
    API_FORMAT = N'OpenAI',
    MODEL_TYPE = EMBEDDINGS,
    MODEL = N'text-embedding-3-small',
    CREDENTIAL = [https://api.openai.com],
    PARAMETERS = N'{"dimensions": 512}'
  );
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
