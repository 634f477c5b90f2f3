{#- A pgvector value. None of the extensions returns its errors. -#}
{% macro postgres__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- set provider = dbt_ai._postgres_provider('ai_embed') -%}
  {%- if not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_embed with fail_on_error=false', 'AI026', 'the ' ~ provider ~ ' extension raises its errors: leave it out, or run this model on DuckDB') }}
  {%- endif -%}
  {%- set taken = [] if provider == 'alloydb' or (provider == 'pgai' and external_model.api_format == 'Ollama') else ['dimensions'] -%}
  {%- set refused = (parameters or {}).keys() | reject('in', taken) | list -%}
  {%- if refused -%}
    {{ dbt_ai._unsupported('ai_embed with parameters (' ~ refused | join(', ') ~ ')', 'AI026', 'the ' ~ provider ~ ' extension takes ' ~ (taken | join(', ') or 'none') ~ ': leave them out, or run this model on DuckDB') }}
  {%- endif -%}
  {%- set model = dbt_ai._string_literal(dbt_ai._postgres_model(external_model)) -%}
  {%- set merged = dict(external_model.parameters or {}, **(parameters or {})) -%}
  {%- set dimensions = merged.get('dimensions') -%}
  {%- if provider == 'azure_ai' -%}
    {%- set call = 'azure_openai.create_embeddings(' ~ model ~ ', ' ~ text ~ (', dimensions => ' ~ dimensions if dimensions else '') ~ ')' -%}
  {%- elif provider == 'alloydb' -%}
    {%- set call = 'google_ml.embedding(model_id => ' ~ model ~ ', content => ' ~ text ~ ')' -%}
  {%- elif provider == 'aws_ml' -%}
    {%- set call = "aws_bedrock.invoke_model_get_embeddings(model_id := " ~ model ~ ", content_type := 'application/json', json_key := 'embedding', model_input := cast("
          ~ dbt_ai._postgres_json({'dimensions': dimensions} if dimensions else {}, 'inputText', text) ~ ' as text))' -%}
  {%- elif external_model.api_format == 'Ollama' -%}
    {%- set call = 'ai.ollama_embed(' ~ model ~ ', ' ~ text ~ ')' -%}
  {%- else -%}
    {%- set call = 'ai.openai_embed(' ~ model ~ ', ' ~ text ~ (', dimensions => ' ~ dimensions if dimensions else '') ~ ')' -%}
  {%- endif -%}
  {{ return(dbt_ai._unless_null(text, 'cast(' ~ call ~ ' as vector)')) }}
{%- endmacro %}
