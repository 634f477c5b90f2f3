-- create_external_model on postgres-alloydb. Judged by sqlglot (postgres). Written by tests/golden/golden.py.
-- Not judged: sqlglot does not read an anonymous block.

-- embedder
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/embeddings',
--        api_format = 'OpenAI',
--        model_type = 'EMBEDDINGS',
--        model      = 'text-embedding-3-small',
--        credential = 'https://api.openai.com',
--        parameters = {'dimensions': 512},
--        native     = {'databricks': 'databricks-gte-large-en', 'snowflake': 'snowflake-arctic-embed-l-v2.0', 'bigquery': 'text-embedding-005'}) }}
do $create$ begin
    if not exists (select from google_ml.model_info_view where model_id = 'embedder') then
      call google_ml.create_model(model_id => 'embedder', model_request_url => 'https://api.openai.com/v1/embeddings',
        model_provider => 'open_ai', model_type => 'text_embedding',
        model_qualified_name => 'text-embedding-3-small', model_auth_type => 'secret_manager', model_auth_id => 'https://api.openai.com');
    end if;
  end $create$
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
do $create$ begin
    if not exists (select from google_ml.model_info_view where model_id = 'gemini') then
      call google_ml.create_model(model_id => 'gemini', model_request_url => 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
        model_provider => 'custom', model_type => 'generic',
        model_qualified_name => 'gemini-2.5-flash', model_auth_type => 'secret_manager', model_auth_id => 'https://generativelanguage.googleapis.com');
    end if;
  end $create$
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
do $create$ begin
    if not exists (select from google_ml.model_info_view where model_id = 'llm') then
      call google_ml.create_model(model_id => 'llm', model_request_url => 'https://api.openai.com/v1/chat/completions',
        model_provider => 'open_ai', model_type => 'generic',
        model_qualified_name => 'gpt-4o-mini', model_auth_type => 'secret_manager', model_auth_id => 'https://api.openai.com');
    end if;
  end $create$
;

-- unnamed
--   {{ dbt_ai.create_external_model(
--        location   = 'https://api.openai.com/v1/chat/completions',
--        api_format = 'OpenAI',
--        model_type = 'CHAT',
--        model      = 'gpt-4o-mini') }}
do $create$ begin
    if not exists (select from google_ml.model_info_view where model_id = 'unnamed') then
      call google_ml.create_model(model_id => 'unnamed', model_request_url => 'https://api.openai.com/v1/chat/completions',
        model_provider => 'open_ai', model_type => 'generic',
        model_qualified_name => 'gpt-4o-mini');
    end if;
  end $create$
;
