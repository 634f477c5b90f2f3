-- create_external_model on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- embedder
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/embeddings',
--        api_format = 'OpenAI',
--        model_type = 'EMBEDDINGS',
--        model      = 'text-embedding-3-small',
--        credential = 'https://api.openai.com',
--        parameters = {'dimensions': 512},
--        native     = {'databricks': 'databricks-gte-large-en', 'snowflake': 'snowflake-arctic-embed-l-v2.0', 'bigquery': 'text-embedding-005'}) }}
create or replace function embedder (STRING) returns ARRAY(FLOAT) language python IMMUTABLE handler = 'embedder' address = 'http://127.0.0.1:8815';
  create or replace function embedder__call (STRING, STRING) returns VARIANT language python IMMUTABLE handler = 'embedder__call' address = 'http://127.0.0.1:8815'
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
create or replace function gemini (STRING) returns STRING language python handler = 'gemini' address = 'http://127.0.0.1:8815';
  create or replace function gemini__call (STRING, STRING) returns VARIANT language python handler = 'gemini__call' address = 'http://127.0.0.1:8815'
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
create or replace function llm (STRING) returns STRING language python handler = 'llm' address = 'http://127.0.0.1:8815';
  create or replace function llm__call (STRING, STRING) returns VARIANT language python handler = 'llm__call' address = 'http://127.0.0.1:8815'
;

-- unnamed
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/chat/completions',
--        api_format = 'OpenAI',
--        model_type = 'CHAT',
--        model      = 'gpt-4o-mini') }}
create or replace function unnamed (STRING) returns STRING language python handler = 'unnamed' address = 'http://127.0.0.1:8815';
  create or replace function unnamed__call (STRING, STRING) returns VARIANT language python handler = 'unnamed__call' address = 'http://127.0.0.1:8815'
;
