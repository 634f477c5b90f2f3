-- create_external_model on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.
-- Not judged: sqlglot does not read Redshift's CREATE EXTERNAL MODEL.

-- embedder
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/embeddings',
--        api_format = 'OpenAI',
--        model_type = 'EMBEDDINGS',
--        model      = 'text-embedding-3-small',
--        credential = 'https://api.openai.com',
--        parameters = {'dimensions': 512},
--        native     = {'databricks': 'databricks-gte-large-en', 'snowflake': 'snowflake-arctic-embed-l-v2.0', 'bigquery': 'text-embedding-005'}) }}
-- compile error: AI018: create_external_model with model_type EMBEDDINGS has no native form on redshift; Redshift calls chat models of Bedrock only: embed on DuckDB

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
create external model llm_model function llm
  iam_role default model_type bedrock
  settings (model_id 'anthropic.claude-3-5-sonnet-20240620-v1:0')
;

-- unnamed
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/chat/completions',
--        api_format = 'OpenAI',
--        model_type = 'CHAT',
--        model      = 'gpt-4o-mini') }}
-- compile error: AI025: external model 'unnamed' names no model of redshift; add native={'redshift': '…'} to its create_external_model, or give the warehouse's own name as a string
